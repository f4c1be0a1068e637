-- The Lorenz curve of one income column ({income}) at every hundredth of the persons: income held by those up to there.
WITH levels AS (
    SELECT {income} AS income, sum(weight)::DOUBLE AS held FROM people WHERE {income} IS NOT NULL GROUP BY {income}
),
ranked AS (
    SELECT income, held, sum(held) OVER (ORDER BY income) AS up_to_here, sum(held) OVER () AS everyone FROM levels
)
SELECT least(100, ceil(100 * (up_to_here - held / 2) / everyone))::INTEGER AS percent, sum(held) AS persons, sum(held * income) AS income
FROM ranked
WHERE everyone > 0
GROUP BY percent
ORDER BY percent
