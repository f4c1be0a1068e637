-- Inequality and poverty of one income column ({income}), against a line ({line}); over persons whose incomes are all
-- known. Gini is twice the area between the Lorenz curve and equality, from the middle of each level's persons.
WITH levels AS (
    SELECT {income} AS income, sum(weight)::DOUBLE AS held FROM people WHERE {income} IS NOT NULL GROUP BY {income}
),
ranked AS (SELECT income, held, sum(held) OVER (ORDER BY income) AS up_to_here FROM levels)
SELECT
    sum(held) AS persons,
    sum(held * income) / nullif(sum(held), 0) AS mean,
    CASE WHEN sum(held * income) > 0
        THEN 2 * sum(held * income * (up_to_here - held / 2)) / (sum(held) * sum(held * income)) - 1 END AS gini,
    coalesce(sum(held) FILTER (income < {line}), 0) AS poor,
    coalesce(sum(held) FILTER (income < {line}), 0) / nullif(sum(held), 0) AS poverty_rate,
    coalesce(sum(held * ({line} - income)) FILTER (income < {line}), 0) / ({line} * nullif(sum(held), 0)) AS poverty_gap,
    sum(held * ({line} - income)) FILTER (income < {line}) / sum(held) FILTER (income < {line}) AS mean_gap
FROM ranked
