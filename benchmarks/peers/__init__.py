"""Other programs that serve a model, beside the site: the same runs, the same pipeline, the same weights.

They live in an environment of their own (`requirements.txt`, `make bench-peers`) and are no dependency of the project.
Each server is the smallest that its documentation shows. None keeps books, files or thumbnails: a picture is drawn
while its request waits, and is the answer.
"""
