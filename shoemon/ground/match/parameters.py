"""The parameters of the matcher, each with its meaning and origin. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """Lengths are metres, times seconds, costs nepers: a cost of 1 makes something e times less likely.

    Chosen on simulated runs (positions off by a correlated error, as below) over two dense towns and a country of
    valleys and on five real tracks, with other seeds and other tracks than those that judge the result.
    """

    reach_m: float = 45.0
    """How far from a position a way may be: wider than four times the error of a bad watch among houses."""
    most_candidates: int = 8
    """So many ways are considered for each position, the nearest."""
    spread: float = 3.5
    """Ways further from a position than the nearest one by so many errors are not considered."""

    same_place_m: float = 15.0
    """The end of an edge is left out where a nearer edge is that near to the same junction."""

    spike_ms: float = 9.0
    """A point that is reached and left faster than this, between two that are not, is a fault of the receiver."""
    gap_s: float = 600.0
    gap_m: float = 1500.0
    """Where there is no point for so long, or further, the way of the run and its metres are unknown."""
    short_s: float = 60.0
    doubt_s: float = 5000.0
    enough: float = 0.65
    """Where there is no point for longer than `short_s`, a ground is the less sure the longer that was (by a factor of
    e for each `doubt_s` more), and the shorter the route is than this share of what is run in that time otherwise: the
    run may have taken another one."""
    jump_ms: float = 12.0
    """A gap crossed faster than any runner was not run: it adds no metres."""

    sigma_per_median: float = 1.9
    """A first guess of the error: so many times the median distance to the nearest way of similar direction. For normal
    errors it would be 1.48; the nearest way is often not the right one, which makes the distance too small."""
    sigma_looks: int = 60
    """The guess uses so many positions of the trace."""
    sigma_first_m: float = 7.0
    """The guess is no less than this: a large one leads to the right error, a small one to the nearest ways."""
    sigma_rounds: int = 2
    sigma_sample: int = 20
    """It is improved so often, by matching three samples of so many positions."""
    sigma_per_rms: float = 1.15
    """The distances to the ways found are still a little too small, and their largest are left out."""
    sigma_least_m: float = 3.0
    sigma_most_m: float = 25.0
    rough_share: float = 0.7
    rough_positions: int = 4
    """Where the nearest ways of so many positions before and after are far, this share of their distance is the error
    if it is larger: a way is drawn roughly there, or a wood is around."""

    spacing_per_sigma: float = 1.5
    spacing_least_m: float = 12.0
    spacing_most_m: float = 25.0
    """Positions nearer to each other than this have the same error."""
    correlation_s: float = 40.0
    """Errors of satellite positions are alike for about so long: a run follows a street at one side of its line."""
    correlated: float = 0.85
    """The share of the error that is alike; the rest is new at each point. Lower than in truth (.9 in the runs it was
    tested on): too high a share keeps to a wrong way beside the right one."""

    detour_m: float = 4.0
    detour_share: float = 0.25
    """A route longer or shorter than the straight line costs 1 for each detour_m + detour_share x line."""
    most_detour: float = 5.5
    """Routes that cost more than this are not searched, which bounds the search: 80 m for positions 30 m apart."""
    most_cost: float = 25.0
    """No step is less likely than this: a break in the network or a fault of the receiver is possible."""
    way_cost: float = 1.0
    """Weight of the cost of a way by its kind, for each position."""
    switch_cost: float = 1.5
    """Changing from one way to another."""

    off_cost: float = 4.0
    off_cost_in_area: float = 1.0
    """Being off every way, for each position: on unknown ground, and on known open ground."""
    leave_cost: float = 9.0
    return_cost: float = 4.0
    """Leaving the ways, and coming back to one."""
    area_beyond: float = 1.0
    """Open ground is looked up where the nearest way is further than so many errors."""

    least_confidence: float = 0.7
    """A ground less sure than this is `unknown`. Held-out metres between .5 and .7 were right in 70 %."""
    tempered: float = 0.85
    """Probabilities are raised to this power: errors some minutes apart are more alike than the model has them."""
    least_share: float = 0.005
    """Pairs of states less likely than this do not count for the ground between two positions."""
    most_positions: int = 2000
    """A longer stretch without a gap is matched in parts of so many positions, so that memory stays bounded."""


PARAMETERS = Parameters()
