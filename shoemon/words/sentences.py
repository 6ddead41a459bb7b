"""Every sentence of alerts and mails, whole, with named parameters: a translation is this file in another language.

Distances and days come in as they are written (`582 km`, `2026-05-03`), shares as numbers. A fact is a label and its
value; of a pair of sentences the first is about one, the second about more.

No wording here says that a distance makes a shoe unsafe: no study shows one. A life is the runner's own setting.
"""

# Pages
ALL_PAIRS = "All pairs"
GROUND_PAGE = "Ground"
OPEN_RUNS = "Runs without a shoe"
MONTHS_PAGE = "Months"
RUN_PAGE = "The run"
WHICH_SHOE = "Which shoe?"

# One pair
NEAR_ITS_LIFE = "{name} is nearing the end of its life: {worn} of {life}"
AT_ITS_LIFE = "{name} has reached its life: {worn} of {life}"
PAST_ITS_LIFE = "{name} is {past} past its life: {worn} of {life}"
USED_LEFT = ("Used", "{worn} of {life} ({fraction:.0%}), {left} left")
USED_PAST = ("Used", "{worn} of {life} ({fraction:.0%}), {left} past its life")
BY_GROUND = ("By ground", "{grounds}")
ON_GROUND = "{distance} {ground}"
GROUNDS = {
    "initial": "before", "hard": "hard", "soft": "soft", "synthetic": "synthetic", "treadmill": "treadmill",
    "unknown": "unknown",
}  # fmt: skip
SHOE = ("Shoe", "{name} ({shoe})")
DISTANCE = ("Distance", "{ran} in runs")
DISTANCE_AND_BEFORE = ("Distance", "{ran} in runs, and {before} before")
RATE = ("Rate", "{month} in the last 28 days")
RATE_AND_WEEK = ("Rate", "{week} a week; {month} in the last 28 days")
EXPECTED = ("Expected at its limit", "{when}")
WEEKS = "Worn {unit} by week"
MOST_IN_A_WEEK = "most: {most}"
EACH_WEEK = "Worn {unit} in each of the last {count} weeks, oldest first: {weeks}"
WHAT_YOU_CAN_DO = "What you can do:"
LOOK_AT_IT = "Look at the outsole and the midsole: a life is a convention, not a limit of safety."
PUT_IT_AWAY = "Put the pair away:"
GO_ON = "Go on with it: give {shoe} a longer life in shoes.yaml, and you will hear again when that is reached:"
LONGER_LIFE = "life: {length} {unit}"

# When a pair will be at its limit
NOT_WORN = "not worn in the last 26 weeks"
NOTHING_YET = "nothing to go by yet"
BEYOND = "later than 26 weeks from now"
NOT_BEFORE = "not before {early}, more likely later than 26 weeks from now"
ABOUT = "about {middle} ({early} to {late})"
ABOUT_OPEN = "about {middle} ({early} to later than 26 weeks from now)"
IN_MONTH = "in {late}"
BETWEEN_MONTHS = "between {early} and {late}"
FROM_MONTH_WITHIN = "from {early}, as likely as not within it, perhaps later than 26 weeks from now"
FROM_MONTH = "from {early}, as likely as not by {middle}, perhaps later than 26 weeks from now"

# Several pairs
SEVERAL = "{count} pairs need a look: {names}"
WATCHES = ("shoemon now watches 1 pair", "shoemon now watches {count} pairs")
PAST_THEIR_LIFE = ("1 is past its life", "{count} are past their life")
PAIR = "{worn} of {life} ({fraction:.0%}, {status})"
PAIR_EXPECTED = "{worn} of {life} ({fraction:.0%}); expected at its limit: {when}"
PAIR_PAST = "{worn} of {life} ({fraction:.0%}); past it"
WITHOUT_A_SHOE = "Runs without a shoe: {count}"
FROM_NOW_ON = "From now on you will hear of a pair when it nears its end, not before."

# The week
YOUR_WEEK = ("Your week to {until}: {distance} in 1 run", "Your week to {until}: {distance} in {count} runs")
WEEK = ("Week", "{first} to {last}")
RUN_IN_WEEK = (("Run", "{distance} in 1 run"), ("Run", "{distance} in {count} runs"))
HARD_OF_KNOWN = ("Hard ground", "{share:.0%} of what is known")
IN_WHICH_PAIRS = "In which pairs:"
PAIR_IN_WEEK = "{name}: {distance}"
PAIRS_IN_USE = "All pairs in use, most worn first:"
WEEK_WITHOUT_A_SHOE = "Runs without a shoe: {count} (view unassigned_runs)"

# Hard ground
TOO_HARD = "{share:.0%} of your last {days} days' running was on hard ground; your target is at most {target:.0%}"
HARD_SHARE = ("Hard ground", "{share:.0%} of the metres whose ground is known; your target is at most {target:.0%}")
YOUR_TARGET = (
    "The target is yours: no study found says how much hard ground is too much. You will hear again when the share has "
    "been 3 points below it and rises past it once more."
)

# Sources
NOT_READ = "{source} could not be read since {day}"
NOTHING_NEW = "{source} has brought nothing new since {day}"
SOURCES_BRING_NOTHING = "{count} sources bring nothing: {names}"
SOURCE = ("Source", "{source} ({type})")
NOT_READ_SINCE = ("Not read since", "{moment}")
LAST_NEW_RUN = ("Last new run", "{moment}")
ITS_ERROR = ("It says", "{error}")
NOTHING_IS_LOST = (
    "Nothing is lost: the runs known so far still count, and it is tried again. Until it can be read, no run of it is "
    "added, and no alert can come of them."
)
SEE_WHAT_IS_WRONG = "See what is wrong, and try it:"
ALL_MAY_BE_WELL = "It can be read, but has brought nothing new since. If you have not run, all is well."
DOWNLOAD_IT = "If it is an export that you download: download a new one."
TAKE_IT_OUT = "If it is no longer in use: take it out of shoemon.yaml, or set alerts.stale.silent; its runs stay."

# Runs without a shoe
RUN_HAS_NO_SHOE = "Which shoe? {day}, {distance}"
RUNS_HAVE_NO_SHOE = "{count} runs have no shoe yet"
RUN = ("Run", "{name}")
DAY = ("Day", "{day}")
DISTANCE_AND_SPORT = ("Distance", "{distance} ({sport})")
WHY = ("Why", "{why}")
LIKELY = ("Likely", "{pairs}")
CHOOSE = ("Choose", "{url}")
PAIR_SHARE = "{name} ({share:.0%})"
PAIR_NEVER_WORN = "{name}"
ANOTHER_PAIR = "Another pair"
CHOOSE_A_PAIR = "Choose a pair"
TAP_SIGNED_IN = (
    "A tap shows a page; a second tap there gives the run that pair (on shoemon's own machine, or signed in)."
)
TAP_WITH_TICKET = (
    "A tap shows a page; a second tap there gives the run that pair (whoever holds this mail can, until {until})."
)
RUN_IN_SHORT = "{day}, {distance}: {name}"
MORE_RUNS = "... and {count} more:"
MORE_RUNS_FIRST = "... and {count} more; the first {listed} of them:"
MORE_RUNS_AT = "... and {count} more: {url}"
MORE_RUNS_IN_VIEW = "... and {count} more; all of them stand in the view unassigned_runs."
NEW_GEAR = "Gear that belongs to no pair in shoes.yaml; to add it as one:"
RUNS_IN_NEW_GEAR = ("{name}, 1 run", "{name}, {runs} runs")
HOW_IN_YAML = (
    "Put the lines that are right under “corrections:” in shoes.yaml, or name the shoe where you recorded the run; "
    "either counts with the next sync. A rule or a default shoe spares you the question."
)
HOW_ON_PAGES = (
    "A pair named under “corrections:” in shoes.yaml, or where you recorded the run, counts as well, with the next "
    "sync. A rule or a default shoe spares you the question."
)

# A long run
LONG_RUN = "{distance} on {day}: {more:.0%} more than your longest of the 30 days before"
THIS_RUN = ("This run", "{distance}")
LONGEST_BEFORE = ("Longest of the 30 days before", "{distance} on {day}")
ABOUT_THE_RUN = (
    "For your information, about the run and not about the shoe. The measure (a tenth more than the longest of 30 "
    "days) is that of one large, exploratory study of runners (RUNSAFE, 2025); it says nothing about a single run."
)

# The runner's own plan
OVER_PLAN = "{distance} in the week from {first}; your plan says at most {allowed}"
THIS_WEEK = ("Run", "{distance}")
PLAN_ALLOWS = ("Your plan", "at most {allowed} ({share:.0%} of {usual})")
YOUR_PLAN = (
    "The plan is the one you entered in shoemon.yaml (alerts.return_plan); shoemon only counts. Whether it is the "
    "right one is for you, and for whoever treats you, to say."
)

# A test
TEST = "shoemon can reach you"
THIS_IS_A_TEST = (
    "This is a test of the notifier “{notifier}”. If you can read it, alerts about your shoes will reach you here."
)

# Mails
KINDS = {
    "soon": "Soon at its limit", "due": "At its limit", "over": "Past its limit", "several": "Several pairs",
    "digest": "Your pairs", "weekly": "Your week", "hard_share": "Ground", "stale": "Source",
    "unassigned": "Which shoe?", "longest": "A long run", "return_plan": "Your plan", "test": "A test",
}  # fmt: skip
"""Above the title."""
THERE_IS_MORE = "There is more: the plain text of this mail holds all of it."
WHY_THIS_MAIL = (
    "You get this from your own shoemon, because “notify” in its shoemon.yaml names this address. Change that to stop "
    "or move its mails."
)
FOR_A_PAUSE = "For a pause:"
SHARE_OF_LIFE = "{share:.0%} of {life}"
