"""Stock django-q2: a fresh Django project whose runs are tasks on its ORM broker, as its documentation has it.

A POST writes a row and calls `async_task`; the worker draws with the bare loop's pipeline and saves the PNG, or only
stamps when it began. No account, no credits, no thumbnails, no previews.
"""
