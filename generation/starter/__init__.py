"""The embedded starter model: its weights, its model card, and the code that trains and evaluates it.

Nothing here knows Django. The weights are a plain diffusers folder, so the rest of the product runs
this model through the same code as any large one.
"""
