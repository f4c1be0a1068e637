-- A pension pool, a month: per region the persons who pay and who draw, and what they pay and draw. Exact sums.
SELECT
    {region} AS pool,
    sum(exact_weight) FILTER ({pays}) AS payers,
    sum(exact_weight) FILTER ({draws}) AS pensioners,
    sum(exact_weight) FILTER ({unknown}) AS unknown,
    sum(exact_weight * ({employer})) AS employer,
    sum(exact_weight * ({employee})) AS employee,
    sum(exact_weight * ({benefits})) AS benefits
FROM weighed
WHERE {within}
GROUP BY pool
ORDER BY pool
