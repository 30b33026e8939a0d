"""The commits of the site by name: where in the code each is, and the scene that comes there.

Each is two points: before the commit, and after it.
"""

from dataclasses import dataclass

from tests.reliability import scenes
from tests.reliability.scenes import Scene


@dataclass(frozen=True)
class Step:
    """A commit: of the function `place`, called from `under` where that is named."""

    name: str
    place: str
    scene: Scene
    under: str = ""
    # How often a scene comes there at least; which of these times is left to chance.
    times: int = 1


STEPS = (
    # web
    Step("submit", "generation.lifecycle.place", scenes.draw),
    Step("cancel", "generation.lifecycle.cancel", scenes.cancel),
    Step("refund", "generation.job_admin.JobAdmin.refund", scenes.refund),
    Step("event.receive", "billing.stripe_events.receive", scenes.subscribe, times=3),
    # gpu cluster
    Step("ring.take", "billing.ledger_rows._execute", scenes.draw, under="getimg_site.broker.DoorbellBroker._claim"),
    Step("ring.forget", "getimg_site.broker.DoorbellBroker.delete", scenes.draw),
    Step("ring.answer", "getimg_site.broker.DoorbellBroker.forget", scenes.burst),
    Step("claim", "billing.ledger_rows._execute", scenes.draw, under="generation.lifecycle._take"),
    Step("store", "generation.lifecycle.deliver", scenes.store),
    Step("finish", "generation.lifecycle.finish", scenes.draw),
    Step("fail", "generation.lifecycle.fail", scenes.fail),
    Step("retry", "generation.lifecycle._owned", scenes.lose_engine, under="generation.lifecycle.retry"),
    Step("put_back", "generation.lifecycle._owned", scenes.put_back, under="generation.lifecycle.put_back"),
    Step("note", "generation.models.failed_attempt.FailedAttemptQuerySet.keep", scenes.lose_engine),
    # supervisor
    Step("abandon", "generation.lifecycle._owned", scenes.lose_worker, under="generation.lifecycle._give_up_on"),
    # default cluster
    Step("webhook.take", "generation.api.courier._take", scenes.draw),
    Step("webhook.record", "generation.api.courier.record", scenes.draw),
    Step("event.take", "billing.stripe_events.process_due", scenes.subscribe, times=3),
    Step("event.subscription", "billing.subscriptions.apply", scenes.subscribe, times=3),
    Step("event.payment", "billing.payments.apply_invoice", scenes.subscribe, times=2),
    Step("event.months", "billing.cycle_sweep._hand_out", scenes.subscribe, times=3),
    Step("event.end", "billing.stripe_events._end", scenes.subscribe, times=3),
    Step("grant", "billing.ledger_batch.grant_due", scenes.begin_cycle),
    Step("expire", "billing.ledger_batch.expire_due", scenes.expire),
    Step("top_up.ask", "billing.top_ups._note", scenes.top_up),
    Step("top_up.send", "billing.top_ups._send", scenes.top_up),
    Step("top_up.pay", "billing.top_ups._apply", scenes.top_up),
    Step("mail", "billing.notices._send_due", scenes.tell, times=2),
)
