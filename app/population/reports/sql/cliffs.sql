-- What a step ({step}) of the fact does to each entry, in all and by decile of the fact. Changes are a year's or paid
-- once; `periods` turns them into what the step is compared with. Quantiles are of rows, without weights.
WITH levels AS (SELECT fact, sum(weight) AS held FROM changes WHERE entry = 0 GROUP BY fact),
ranked AS (SELECT fact, held, sum(held) OVER (ORDER BY fact) - held AS below, sum(held) OVER () AS everyone FROM levels),
deciles AS (
    SELECT fact, 1 + least(floor({deciles} * (2 * below + held) / (2 * everyone)), {deciles} - 1)::INTEGER AS decile
    FROM ranked
    WHERE everyone > 0
)
SELECT
    entry,
    any_value(periods) AS periods,
    GROUPING(decile) = 1 AS overall,
    decile,
    count(*) AS "rows",
    sum(weight) AS persons,
    sum(weight) FILTER (change < -{step} * periods) AS cliff,
    sum(weight) FILTER (change < 0 AND change >= -{step} * periods) AS withdrawn,
    sum(weight) FILTER (change = 0) AS unchanged,
    sum(weight) FILTER (change > 0) AS rise,
    sum(weight) FILTER (lost) AS lose_entitlement,
    sum(weight * change) AS change,
    min(change) AS least,
    quantile_disc(change, [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]) AS quantiles
FROM changes JOIN deciles USING (fact)
WHERE change IS NOT NULL
GROUP BY entry, GROUPING SETS ((), (decile))
ORDER BY ALL
