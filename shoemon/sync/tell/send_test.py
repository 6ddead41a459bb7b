"""Send a test message through one channel, for the command and for the pages."""

from shoemon.config.load import Config
from shoemon.config.registry import NOTIFIERS
from shoemon.model.clock import Clock, day_in, iso
from shoemon.model.errors import DeliveryError
from shoemon.notifiers import open_notifier
from shoemon.sync.derive.update_wear import recipient_of
from shoemon.words.alerts import write_test


def send_test(config: Config, name: str, clock: Clock) -> str | None:
    """Send it; return None if the server (or program) has accepted it, else why not, and whether trying again may help.
    Raises MistakeError if no channel is called `name`, BrokenPackageError if its package fails."""
    settings, now = config.notifier(name), iso(clock())
    recipient = recipient_of(config, day_in(clock(), config.main.zone))
    alert = write_test(f"test-{now}".replace(":", ""), name, recipient)
    try:
        with NOTIFIERS.guard(settings.type):
            open_notifier(settings, config.directory).send(alert, now)
    except DeliveryError as error:
        return f"not delivered: {error} (trying again {'may' if error.retryable else 'will not'} help)"
    return None
