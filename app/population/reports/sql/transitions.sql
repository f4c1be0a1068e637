-- Status before and after: how many persons went which way, and what that changed.
SELECT
    entry,
    coalesce(before_status, 'rejected') AS before_status,
    coalesce(after_status, 'rejected') AS after_status,
    count(*) AS "rows",
    sum(weight) AS persons,
    sum(weight * (after - before)) AS change
FROM cases
GROUP BY ALL
ORDER BY ALL
