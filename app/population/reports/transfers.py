"""Transfers between the pools of regions: who gives how much so that nobody is left in deficit.

Balances and transfers are whole fen. Two methods: in proportion, through a common fund; and directly from region to
region, with few transfers. Where all regions together are in deficit, everything there is goes to the deficits, and
what remains uncovered is said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Up to so many regions with a balance the fewest transfers are found by trying every grouping (3 to that power steps).
EXACT_UP_TO = 11
FUND = "fund"


@dataclass(frozen=True, slots=True)
class Transfer:
    """`fen` from one region's pool to another's; `FUND` is the common fund."""

    giver: str
    receiver: str
    fen: int


@dataclass(frozen=True, slots=True)
class Plan:
    """Transfers that balance regions. `uncovered` are the deficits that remain, by region; `fewest`: no plan has fewer transfers."""

    transfers: tuple[Transfer, ...]
    uncovered: Mapping[str, int]
    fewest: bool

    def after(self, balances: Mapping[str, int]) -> dict[str, int]:
        """The regions' balances once the transfers are made."""
        found = dict(balances)
        for transfer in self.transfers:
            for region, fen in ((transfer.giver, -transfer.fen), (transfer.receiver, transfer.fen)):
                if region != FUND:
                    found[region] += fen
        return found


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole total in proportion to weights (0 or more, not all 0): largest remainders get the units left over, earlier first."""
    everything = sum(weights)
    shares = [total * weight // everything for weight in weights]
    remainders = [total * weight % everything for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in order[: total - sum(shares)]:
        shares[index] += 1
    return shares


def proportional(balances: Mapping[str, int]) -> Plan:
    """Through a common fund: each surplus gives in proportion to itself, each deficit receives in proportion to itself."""
    surpluses = {region: fen for region, fen in balances.items() if fen > 0}
    deficits = {region: -fen for region, fen in balances.items() if fen < 0}
    moved = min(sum(surpluses.values()), sum(deficits.values()))
    if moved == 0:
        return Plan((), deficits, fewest=not deficits)
    given = dict(zip(surpluses, apportion(moved, list(surpluses.values())), strict=True))
    received = dict(zip(deficits, apportion(moved, list(deficits.values())), strict=True))
    transfers = [Transfer(region, FUND, fen) for region, fen in given.items() if fen]
    transfers += [Transfer(FUND, region, fen) for region, fen in received.items() if fen]
    uncovered = {region: deficits[region] - received[region] for region in deficits if deficits[region] > received[region]}
    return Plan(tuple(transfers), uncovered, fewest=False)


def direct(balances: Mapping[str, int]) -> Plan:
    """From region to region with few transfers; exactly the fewest among up to EXACT_UP_TO regions, and where `fewest` says so.

    Regions fall into groups that settle among themselves; a group of n needs n - 1 transfers, so more groups need fewer.
    """
    open_ = {region: fen for region, fen in balances.items() if fen}
    in_deficit = sum(open_.values()) < 0
    # With the sign turned a nation in deficit is one in surplus: those who then "give" are those who receive.
    turned = {region: -fen for region, fen in open_.items()} if in_deficit else open_
    moves = _settle(turned)
    fewest = len(moves) == sum(fen < 0 for fen in turned.values())
    if not fewest and len(turned) <= EXACT_UP_TO:
        moves, fewest = [move for group in _most_groups(turned) for move in _settle(group)], True
    transfers = tuple(Transfer(b, a, fen) if in_deficit else Transfer(a, b, fen) for a, b, fen in moves)
    left = Plan(transfers, {}, fewest).after(balances)
    return Plan(transfers, {region: -fen for region, fen in left.items() if fen < 0}, fewest)


def _settle(balances: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """Cover every deficit of balances that sum to 0 or more: the largest deficit first, from the smallest surplus that covers it whole."""
    surpluses = {region: fen for region, fen in balances.items() if fen > 0}
    moves = []
    for receiver, missing in sorted(((region, -fen) for region, fen in balances.items() if fen < 0), key=lambda pair: (-pair[1], pair[0])):
        while missing:
            enough = [(fen, region) for region, fen in surpluses.items() if fen >= missing]
            giver = min(enough)[1] if enough else max(surpluses.items(), key=lambda pair: (pair[1], pair[0]))[0]
            moved = min(missing, surpluses[giver])
            moves.append((giver, receiver, moved))
            missing -= moved
            surpluses[giver] -= moved
            if not surpluses[giver]:
                del surpluses[giver]
    return moves


def _most_groups(balances: Mapping[str, int]) -> list[dict[str, int]]:
    """Split balances that sum to 0 or more into as many groups as possible whose sums are 0 or more: those need the fewest transfers."""
    regions = sorted(balances)
    sums = [0] * (1 << len(regions))
    for mask in range(1, len(sums)):
        low = (mask & -mask).bit_length() - 1
        sums[mask] = sums[mask & (mask - 1)] + balances[regions[low]]
    best: list[tuple[int, int]] = [(0, 0)] * len(sums)
    for mask in range(1, len(sums)):
        lowest = mask & -mask
        found = (-1, 0)
        # Every group is counted once: as the one that holds the lowest region not yet placed.
        group = mask
        while group:
            if group & lowest and sums[group] >= 0 and best[mask ^ group][0] >= 0:
                found = max(found, (best[mask ^ group][0] + 1, group))
            group = (group - 1) & mask
        best[mask] = found
    groups, mask = [], len(sums) - 1
    while mask:
        group = best[mask][1]
        groups.append({region: balances[region] for index, region in enumerate(regions) if group >> index & 1})
        mask ^= group
    return groups
