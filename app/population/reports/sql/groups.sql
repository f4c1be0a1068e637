-- Of every entry, in every group of every dimension (and in all together): persons by status, what is paid, who gains
-- and who loses. Amounts are sums of weight times amount, exact; the finest cells are summed first, then rolled up.
-- `dimension` is a GROUPING_ID: the bits 8 province, 4 sex, 2 age group, 1 decile are set where it is summed over.
WITH cells AS (
    SELECT
        entry,
        province,
        sex,
        age_group,
        decile,
        count(*) AS "rows",
        sum(weight) AS persons,
        sum(weight) FILTER (before_status = 'eligible') AS eligible,
        sum(weight) FILTER (before_status = 'not_eligible') AS not_eligible,
        sum(weight) FILTER (before_status = 'undetermined') AS undetermined,
        sum(weight) FILTER (before_status IS NULL) AS rejected,
        sum(weight * before_known) FILTER (before_status = 'eligible') AS paid,
        sum(weight) FILTER (after_status = 'eligible') AS after_eligible,
        sum(weight) FILTER (after_status = 'not_eligible') AS after_not_eligible,
        sum(weight) FILTER (after_status = 'undetermined') AS after_undetermined,
        sum(weight) FILTER (after_status IS NULL) AS after_rejected,
        sum(weight * after_known) FILTER (after_status = 'eligible') AS after_paid,
        sum(weight) FILTER (after > before) AS gainers,
        sum(weight) FILTER (after < before) AS losers,
        sum(weight) FILTER (after = before) AS unchanged,
        sum(weight) FILTER (after IS NULL OR before IS NULL) AS not_compared,
        sum(weight * (after - before)) FILTER (after > before) AS gained,
        sum(weight * (before - after)) FILTER (after < before) AS lost,
        max(after - before) FILTER (after > before) AS biggest_gain,
        max(before - after) FILTER (after < before) AS biggest_loss
    FROM cases
    GROUP BY entry, province, sex, age_group, decile
)
SELECT
    entry,
    GROUPING_ID(province, sex, age_group, decile) AS dimension,
    coalesce(province, sex, age_group, decile::VARCHAR) AS member,
    sum(COLUMNS(* EXCLUDE (entry, province, sex, age_group, decile, biggest_gain, biggest_loss))),
    max(COLUMNS(['biggest_gain', 'biggest_loss']))
FROM cells
GROUP BY entry, GROUPING SETS ((), (province), (sex), (age_group), (decile))
ORDER BY ALL
