"""The rows of benchmark (e): people with pictures, folders, tags, models, beginnings and an index of words.

Person 0 is the one whose library is looked at; hers are the same in every database and lie evenly among those of the
others. All of it is made by SQL; the words are indexed with marks and stems as `search_words.marked` has them, which
the side that runs Django proves on a sample.
"""

import json
from dataclasses import dataclass
from typing import Any

import psycopg

from generation.search_words import stem_of

# A page of the site holds 40 pictures, so that 25,000 end with page 625: page 1,000 is counted in pages of 25, and
# begins behind the 24,975th picture. However many the library has, it is the last of these that is opened.
DEEP_PAGE = 25
# The first one is in two of five prompts, the last ones are in one of ten.
WORDS = (
    *("fox", "owl", "barn", "snow", "castle", "river", "lamp", "violin", "harbour", "meadow", "rocket", "teapot"),
    *("lion", "bridge", "forest", "piano", "mountains", "market", "tiger", "gardens", "window", "island", "balloons"),
    *("trains", "robot", "dragon", "desert", "candles", "whale", "tower", "clouds", "mirror"),
)
# In one picture of fifty, and in one of a thousand.
SELDOM, RARE = "zeppelin", "unicorn"
# The last one lies on one picture of a thousand, the others on one of ten each.
TAGS = ("night sky", "portrait", "draft", "print", "keepsake")
FOLDERS = ("Commissions", "Experiments", "Holiday cards", "Book")
SAVED_NAME, SAVED_SEARCH = "Best foxes", "q=fox&rating=4"
# In one picture of nine hundred.
RARE_MODEL = "sketcher"
_BEGAN_AT, _DAYS = 1_700_000_000, 300

_PERSON_ID = "(lpad(to_hex(1600000000000 + {0}), 12, '0') || '70008000' || lpad(to_hex({0}), 12, '0'))::uuid"
_THING_ID = "(lpad(to_hex(1650000000000 + {0}), 12, '0') || '70008000' || lpad(to_hex({1}), 12, '0'))::uuid"

_PEOPLE = f"""
    INSERT INTO accounts_user
        (id, email, password, display_name, device, time_zone, is_active, is_staff, is_superuser, date_joined)
    SELECT {_PERSON_ID.format("number")}, 'person' || number || '@example.com', '', '', '', 'UTC', true, false, false,
        now()
    FROM generate_series(0, %(people)s) AS number
"""
_FOLDERS = f"""
    INSERT INTO generation_folder (id, user_id, name, query, created_at)
    SELECT {_THING_ID.format("place", "person")}, {_PERSON_ID.format("person")}, name,
        CASE WHEN name = '{SAVED_NAME}' THEN %(saved)s ELSE '' END, now()
    FROM generate_series(0, %(people)s) AS person, unnest(%(folders)s::text[]) WITH ORDINALITY AS folder(name, place)
"""
_TAGS = f"""
    INSERT INTO generation_tag (user_id, name)
    SELECT {_PERSON_ID.format("person")}, name
    FROM generate_series(0, %(people)s) AS person, unnest(%(tags)s::text[]) AS name
"""
_MODELS = f"""
    INSERT INTO generation_custommodel (id, owner_id, name, origin, subject_class, trigger_word, base_model,
        base_sha256, state, consent_text, weights, sha256, size_bytes, steps_done, steps_total, loss_curve,
        failure_reason, created_at)
    SELECT {_THING_ID.format("100", "person")}, {_PERSON_ID.format("person")}, 'My fox', 'uploaded', 'object', 'fox',
        'starter', '', 'ready', '', 'models/' || person, repeat('0', 64), 1000, 0, 0, '[]', '', now()
    FROM generate_series(0, %(people)s) AS person
"""
# A word of a prompt is chosen by the picture's place, the first words more often.
_WORD = """
    (%(words)s::text[])[1 + floor({count} * power(abs(hashint8(place * 8 + {turn})::bigint) / 2147483649.0, 1.5))::int]
"""
_PROMPT = ", ".join(
    [
        *(_WORD.format(count=len(WORDS), turn=turn) for turn in range(5)),
        f"CASE WHEN place %% 50 = 7 THEN '{SELDOM}' END",
        f"CASE WHEN place %% 1000 = 500 THEN '{RARE}' END",
    ]
)
_PICTURES = f"""
    CREATE TABLE bench_picture AS
    SELECT *, lag(id) OVER (PARTITION BY person ORDER BY number) AS earlier,
        {_PERSON_ID.format("person")} AS user_id, right(lpad(to_hex(person), 12, '0'), 8) AS mark,
        concat_ws(' ', {_PROMPT}) AS prompt,
        CASE WHEN place %% 50 = 0 THEN 'upscale' ELSE 'text-to-image' END AS task,
        CASE WHEN place %% 900 = 17 THEN '{RARE_MODEL}' WHEN place %% 50 = 0 THEN 'lanczos' ELSE 'starter' END AS model,
        CASE WHEN place %% 1000 = 3 THEN '{TAGS[-1]}'
            WHEN place %% 10 < 4 THEN (%(tags)s::text[])[1 + place %% 10] END AS tag
    FROM (
        SELECT number, place, person, to_timestamp(milliseconds / 1000.0) AS at,
            (lpad(to_hex(milliseconds), 12, '0') || '70008000' || lpad(to_hex(number), 12, '0'))::uuid AS id
        FROM (
            SELECT number, CASE WHEN is_hers THEN place ELSE number END AS place,
                CASE WHEN is_hers THEN 0 ELSE 1 + number %% %(people)s END AS person,
                ({_BEGAN_AT}000 + {_DAYS * 86_400_000} * CASE WHEN is_hers THEN place * 1.0 / %(own)s
                    ELSE number * 1.0 / %(all)s END)::bigint AS milliseconds
            FROM (
                SELECT number, number * %(own)s / %(all)s AS place,
                    number * %(own)s / %(all)s > (number - 1) * %(own)s / %(all)s AS is_hers
                FROM generate_series(1::bigint, %(all)s) AS number
            ) AS counted
        ) AS dated
    ) AS owned
"""
_JOB_VALUES = {
    "id": "id",
    "user_id": "user_id",
    "submit_key": "id::text",
    "request_digest": "''",
    "product": "'site'",
    "is_test": "true",
    "ref": "''",
    "task": "task",
    "model": "model",
    "served_by": "model",
    "params": "jsonb_build_object('prompt', prompt, 'negative_prompt', '', 'seed', number)",
    "words": "'[]'::jsonb",
    "num_images": "1",
    "credits_per_image": "1",
    "pricing_version": "1",
    "batch_key": "''",
    "status": "'FINISHED'",
    "attempt": "1",
    "fruitful_attempt": "0",
    "claimed_by": "''",
    "images_stored": "1",
    "error_code": "''",
    "error_message": "''",
    "created_at": "at",
    "queued_at": "at",
    "started_at": "at",
    "finished_at": "at",
}
_JOBS = (
    f"INSERT INTO generation_job ({', '.join(_JOB_VALUES)}) SELECT {', '.join(_JOB_VALUES.values())} FROM bench_picture"
)
# Four of nine pictures lie in one of their owner's folders.
_IMAGES = f"""
    INSERT INTO generation_image (id, user_id, job_id, index, seed, words, width, height, file, thumbnail_320,
        thumbnail_640, placeholder, content_type, size_bytes, sha256, plan, licence, model_licence, is_test, created_at,
        folder_id, is_favourite, rating, alt_text, pixels_sha256)
    SELECT id, user_id, id, 0, place, '[]', CASE WHEN place %% 3 = 0 THEN 160 ELSE 128 END,
        CASE WHEN place %% 3 = 1 THEN 160 ELSE 128 END, 'pictures/' || id, 'pictures/' || id || '/320',
        'pictures/' || id || '/640', 'UklGRg==', 'image/png', 30000, md5(id::text) || md5(id::text), 'free', 'personal',
        '', true, at, CASE WHEN place %% 9 < 4 THEN {_THING_ID.format("1 + place %% 9", "person")} END, place %% 19 = 0,
        place %% 6, '', ''
    FROM bench_picture
"""
_TAGGED = """
    INSERT INTO generation_image_tags (image_id, tag_id)
    SELECT picture.id, tag.id FROM bench_picture picture
    JOIN generation_tag tag ON tag.user_id = picture.user_id AND tag.name = picture.tag
"""
_MODEL_USES = f"""
    INSERT INTO generation_joblora (job_id, model_id, user_id)
    SELECT id, {_THING_ID.format("100", "person")}, user_id FROM bench_picture WHERE place %% 40 = 5
"""
_BEGINNINGS = """
    INSERT INTO generation_jobinput (job_id, role, kind, image_id, origin_id, licence, source_id, sha256, width, height,
        placeholder)
    SELECT id, 'image', 'image', earlier, earlier, 'personal', earlier, '', 128, 128, ''
    FROM bench_picture WHERE (place %% 7 = 3 OR task = 'upscale') AND earlier IS NOT NULL
"""
_TEXTS = """
    INSERT INTO generation_searchtext (image_id, user_id, words)
    SELECT id, user_id, ('u' || mark || ':1 ' || said.lexemes || coalesce(' ' || stems.lexemes, ''))::tsvector
    FROM bench_picture,
    LATERAL (
        SELECT string_agg('u' || mark || word || ':' || turn + 1, ' ') AS lexemes, count(*) AS number
        FROM regexp_split_to_table(concat_ws(' ', prompt, tag), ' ') WITH ORDINALITY AS one(word, turn)
    ) AS said,
    LATERAL (
        SELECT string_agg('s' || mark || stem || ':' || said.number + 1 + turn, ' ') AS lexemes
        FROM (
            SELECT stem, row_number() OVER (ORDER BY min(turn)) AS turn
            FROM (
                SELECT %(stems)s::jsonb->>word AS stem, turn
                FROM regexp_split_to_table(concat_ws(' ', prompt, tag), ' ') WITH ORDINALITY AS one(word, turn)
            ) AS each WHERE stem IS NOT NULL GROUP BY stem
        ) AS once
    ) AS stems
"""
_STATEMENTS = (_PEOPLE, _FOLDERS, _TAGS, _MODELS, _PICTURES, _JOBS, _IMAGES, _TAGGED, _MODEL_USES, _BEGINNINGS, _TEXTS)


@dataclass(frozen=True)
class Library:
    """What addresses name of the person's: herself, the picture behind which her last ones lie, a folder, a model."""

    person: str
    deep: str
    folder: str
    model: str


def populate(connection: "psycopg.Connection[Any]", own: int, others: int) -> Library:
    """Make the people and all that is theirs; every index is that of the product's own migrations."""
    words = {word for text in (*WORDS, SELDOM, RARE, *TAGS) for word in text.split()}
    values = {
        "people": max(1, others // 500),
        "own": own,
        "all": own + others,
        "words": list(WORDS),
        "tags": list(TAGS),
        "folders": [*FOLDERS, SAVED_NAME],
        "saved": SAVED_SEARCH,
        "stems": json.dumps({word: stem for word in sorted(words) if (stem := stem_of(word)) != word}),
    }
    for statement in _STATEMENTS:
        connection.execute(statement, values)
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")
    row = connection.execute(
        f"""
        SELECT user_id, id, {_THING_ID.format("1", "0")}, {_THING_ID.format("100", "0")}
        FROM bench_picture WHERE person = 0 ORDER BY id DESC OFFSET %s LIMIT 1
        """,
        [own - DEEP_PAGE - 1],
    ).fetchone()
    assert row is not None
    return Library(*map(str, row))
