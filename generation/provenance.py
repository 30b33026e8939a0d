"""What a picture's own file says about it: its licence, that a model drew it, and where to check both.

The lossless original carries an XMP packet, which photo programs and search engines read, and the licence in plain
words. Small copies for pages say that a model drew them and no more: they would double in size. Neither an address nor
a name of the owner is in the file, for whoever gets the picture could read it: the owner is named by the picture's id
alone, which only the service can resolve.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.urls import reverse

from generation import licences, xmp
from generation.licences import Terms

XMP = xmp.PNG_KEYWORD
LICENSE = "License"
# What else drew it, beside its model: checksum and weight of each LoRA.
LORAS = "LoRAs"

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 dc:identifier="urn:uuid:{id}" xmp:CreatorTool={tool} xmpRights:Marked="True" xmpRights:WebStatement={page}
 Iptc4xmpExt:DigitalSourceType="{source}">
<dc:creator><rdf:Seq><rdf:li>{creator}</rdf:li></rdf:Seq></dc:creator>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{rights}</rdf:li></rdf:Alt></dc:rights>
<xmpRights:Owner><rdf:Bag><rdf:li>{owner}</rdf:li></rdf:Bag></xmpRights:Owner>
<xmpRights:UsageTerms><rdf:Alt><rdf:li xml:lang="x-default">{words}</rdf:li></rdf:Alt></xmpRights:UsageTerms>
{more}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
# What even a file says that says nothing else.
_CLEAN = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 Iptc4xmpExt:DigitalSourceType="{source}"></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""
_ALT_TEXT = """<Iptc4xmpCore:AltTextAccessibility xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"><rdf:Alt>
<rdf:li xml:lang="x-default">{alt_text}</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
"""
_ALT_TEXT_SHAPE = re.compile(r"<Iptc4xmpCore:AltTextAccessibility .*?</Iptc4xmpCore:AltTextAccessibility>\n", re.DOTALL)
_END = "</rdf:Description></rdf:RDF>"
_RECIPE = """<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{recipe}</rdf:li></rdf:Alt></dc:description>
"""
# The same for programs, as the API takes it: where a file has no place of its own for it.
_SETTINGS = """<getimg:recipe xmlns:getimg="https://getimg.org/xmp/1.0/">{settings}</getimg:recipe>
"""
# XML 1.0 has no place for them, not even escaped.
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def texts(
    image_id: uuid.UUID,
    terms: Terms,
    loras: Sequence[Mapping[str, Any]] = (),
    *,
    alt_text: str = "",
    recipe: str = "",
    recipe_json: str = "",
) -> dict[str, str]:
    """Return what goes into the file of a picture, by keyword of its chunk.

    `loras` are those of its run's settings: named by their checksums, never by what their owner calls them. `alt_text`,
    `recipe` (in words) and `recipe_json` go into files that their owner asked for with them.
    """
    more = _RECIPE.format(recipe=_plain(recipe)) if recipe else ""
    more += _SETTINGS.format(settings=_plain(recipe_json)) if recipe_json else ""
    page = f"{settings.SITE_URL}{reverse('generation:verify')}?picture={image_id}"
    words = in_words(terms)
    owner = f"The {settings.SITE_NAME} account that made picture {image_id}"
    packet = _PACKET.format(
        id=image_id,
        tool=quoteattr(f"{settings.SITE_NAME} ({terms.model_name})"),
        page=quoteattr(page),
        source=xmp.MADE_BY_A_MODEL,
        creator=escape(owner),
        rights=escape(f"{terms.title}, {settings.SITE_NAME}"),
        owner=escape(owner),
        words=escape(words),
        more=more,
    )
    packet = with_alt_text(packet, alt_text) if alt_text else packet
    said = {XMP: packet, LICENSE: f"{words} Check it at {page}", "Software": settings.SITE_NAME}
    return said | ({LORAS: ", ".join(f"sha256:{used['sha256']} {used['weight']:g}" for used in loras)} if loras else {})


def clean_packet() -> str:
    """Return the XMP of a file that says that a model drew it, and nothing else."""
    return _CLEAN.format(source=xmp.MADE_BY_A_MODEL)


def with_alt_text(packet: str, alt_text: str) -> str:
    """Return a packet that says what the picture shows, in the place of what it said before; the rest stays."""
    before, end, after = without_alt_text(packet).rpartition(_END)
    return f"{before}{_ALT_TEXT.format(alt_text=_plain(alt_text))}{end}{after}" if end else packet


def without_alt_text(packet: str) -> str:
    """Return a packet that does not say what the picture shows."""
    return _ALT_TEXT_SHAPE.sub("", packet)


def in_words(terms: Terms) -> str:
    """Return the licence as a stranger may read it who finds the file somewhere."""
    notice = f"{licences.TEST_NOTICE}. " if terms.is_test else ""
    site = settings.SITE_NAME
    use = "whoever made it may use it commercially" if terms.is_commercial else "no commercial use"
    of_keys = {licences.API_PLAN[0]: "through the API", licences.API_TEST_PLAN[0]: "with a test key of the API"}
    paid_by = of_keys.get(terms.plan) or f"on the {terms.plan_name} plan"
    model = f"{terms.model_name}: {terms.model_licence.name} {terms.model_licence.url}".rstrip()
    return (
        f"{notice}{terms.title}. Made on {site} {paid_by}: {use}. "
        f"The terms of its model apply as well ({model}). {terms.caveat}"
    ).rstrip()


def _plain(text: str) -> str:
    """Return a text as XML can hold it."""
    return escape(_NOT_XML.sub(" ", text))
