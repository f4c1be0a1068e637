-- The weighted median of what an eligible person is paid: the smallest amount at or below which half of them are.
WITH sides AS (
    SELECT entry, false AS after, before_known AS amount, weight FROM cases WHERE before_status = 'eligible'
    UNION ALL
    SELECT entry, true AS after, after_known AS amount, weight FROM cases WHERE after_status = 'eligible'
),
levels AS (SELECT entry, after, amount, sum(weight) AS held FROM sides GROUP BY ALL),
ranked AS (
    SELECT
        entry,
        after,
        amount,
        sum(held) OVER (PARTITION BY entry, after ORDER BY amount) AS up_to_here,
        sum(held) OVER (PARTITION BY entry, after) AS everyone
    FROM levels
)
SELECT entry, after, min(amount) AS median
FROM ranked
WHERE 2 * up_to_here >= everyone
GROUP BY entry, after
