-- The weighted median of one income column ({income}).
WITH levels AS (SELECT {income} AS income, sum(weight) AS held FROM people WHERE {income} IS NOT NULL GROUP BY {income}),
ranked AS (SELECT income, sum(held) OVER (ORDER BY income) AS up_to_here, sum(held) OVER () AS everyone FROM levels)
SELECT min(income) AS median FROM ranked WHERE 2 * up_to_here >= everyone
