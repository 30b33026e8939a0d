"""Addresses of the studio: create, library, pictures, and the files behind them."""

from django.urls import path

from generation.views.act import act
from generation.views.again import again
from generation.views.alt_text import alt_text
from generation.views.api_use import api_use
from generation.views.cancel import cancel
from generation.views.certificate import certificate_as_json, certificate_as_pdf
from generation.views.compare import choose_two, compare
from generation.views.create import create
from generation.views.custom_model import custom_model
from generation.views.custom_model_action import custom_model_action
from generation.views.custom_model_download import custom_model_download
from generation.views.custom_model_draft import add_pictures, caption_picture, remove_picture, save_draft
from generation.views.custom_models import custom_models
from generation.views.delete import delete
from generation.views.download import download
from generation.views.earlier_pictures import earlier_pictures
from generation.views.edit_price import edit_price
from generation.views.edit_submit import edit_submit
from generation.views.editor import editor
from generation.views.editor_pictures import editor_pictures
from generation.views.erase import erase
from generation.views.export import cancel_export, download_export, order_export
from generation.views.folder import change_search, delete_folder, make_folder, rename_folder
from generation.views.improve import describe, improve
from generation.views.library import library
from generation.views.library_models import library_models
from generation.views.licence_keys import licence_keys
from generation.views.manifest import manifest
from generation.views.media import media, operators_media, shown_media
from generation.views.model_settings import model_settings
from generation.views.new_custom_model import new_custom_model
from generation.views.picture import picture
from generation.views.preset import preset
from generation.views.price import price
from generation.views.prompts import prompts
from generation.views.refusals import refusal, refusals
from generation.views.rendition import rendition
from generation.views.reproduce import reproduce
from generation.views.restore import restore
from generation.views.run import run
from generation.views.share_card import share_card
from generation.views.share_picture import share_picture
from generation.views.shared_model import shared_model, use_shared_model
from generation.views.shared_picture import like_picture, report_picture, shared_picture
from generation.views.showcase import showcase, showcase_tags
from generation.views.start_training import start_training
from generation.views.style import style
from generation.views.style_menu import save_preset, style_menu
from generation.views.styles import delete_style, styles
from generation.views.submit import submit
from generation.views.tags import tags
from generation.views.trash import purge_pictures, restore_pictures, trash
from generation.views.upload import upload
from generation.views.upload_file import upload_file
from generation.views.upload_lora import upload_lora
from generation.views.verify import verify
from generation.views.video import video
from generation.views.webhook import webhook
from generation.views.webhook_action import webhook_action
from generation.views.webhook_delivery import webhook_delivery
from generation.views.webhooks import webhooks
from generation.views.word_list import word_list
from generation.views.your_data import your_data
from generation.views.zip_pictures import zip_pictures

app_name = "generation"

urlpatterns = [
    path("create/", create, name="create"),
    path("create/price/", price, name="price"),
    path("create/settings/", model_settings, name="model_settings"),
    path("create/improve/", improve, name="improve"),
    path("create/style/", style, name="style"),
    path("create/styles/", styles, name="styles"),
    path("create/styles/menu/", style_menu, name="style_menu"),
    path("create/styles/save/", save_preset, name="save_preset"),
    path("create/styles/presets/new/", preset, name="new_preset"),
    path("create/styles/presets/<uuid:pk>/", preset, name="preset"),
    path("create/styles/lists/new/", word_list, name="new_word_list"),
    path("create/styles/lists/<uuid:pk>/", word_list, name="word_list"),
    path("create/styles/<slug:kind>/<uuid:pk>/delete/", delete_style, name="delete_style"),
    path("create/prompts/", prompts, name="prompts"),
    path("create/runs/", submit, name="submit"),
    path("create/runs/<uuid:job_id>/", run, name="run"),
    path("create/runs/<uuid:job_id>/again/", again, name="again"),
    path("create/runs/<uuid:job_id>/cancel/", cancel, name="cancel"),
    path("create/runs/<uuid:job_id>/earlier/", earlier_pictures, name="earlier_pictures"),
    path("edit/runs/", edit_submit, name="edit_submit"),
    path("edit/price/", edit_price, name="edit_price"),
    path("uploads/", upload, name="upload"),
    path("uploads/<uuid:upload_id>/file", upload_file, name="upload_file"),
    path("edit/", editor, name="editor"),
    path("edit/pictures/", editor_pictures, name="editor_pictures"),
    path("edit/<uuid:image_id>/", editor, name="editor"),
    path("video/", video, name="video"),
    path("video/<uuid:image_id>/", video, name="video"),
    path("library/", library, name="library"),
    path("library/act/", act, name="act"),
    path("library/compare/", choose_two, name="choose_two"),
    path("library/compare/<uuid:first>/<uuid:second>/", compare, name="compare"),
    path("library/models/", library_models, name="library_models"),
    path("library/tags/", tags, name="tags"),
    path("library/trash/", trash, name="trash"),
    path("library/trash/purge/", purge_pictures, name="purge_pictures"),
    path("library/trash/restore/", restore_pictures, name="restore_pictures"),
    path("library/zip/", zip_pictures, name="zip_pictures"),
    path("library/folders/", make_folder, name="make_folder"),
    path("library/folders/search/", change_search, name="change_search"),
    path("library/folders/<uuid:folder_id>/rename/", rename_folder, name="rename_folder"),
    path("library/folders/<uuid:folder_id>/delete/", delete_folder, name="delete_folder"),
    path("pictures/<uuid:image_id>/", picture, name="picture"),
    path("pictures/<uuid:image_id>/download/", download, name="download"),
    path("pictures/<uuid:image_id>/certificate.json", certificate_as_json, name="certificate_json"),
    path("pictures/<uuid:image_id>/certificate.pdf", certificate_as_pdf, name="certificate_pdf"),
    path("pictures/<uuid:image_id>/download/<slug:way>/<slug:kind>/", rendition, name="rendition"),
    path("pictures/<uuid:image_id>/manifest.json", manifest, name="manifest"),
    path("pictures/<uuid:image_id>/reproduce/", reproduce, name="reproduce"),
    path("pictures/<uuid:image_id>/share/", share_picture, name="share_picture"),
    path("pictures/<uuid:image_id>/alt-text/", alt_text, name="alt_text"),
    path("pictures/<uuid:image_id>/describe/", describe, name="describe"),
    path("pictures/<uuid:image_id>/delete/", delete, name="delete"),
    path("pictures/<uuid:image_id>/restore/", restore, name="restore"),
    path("showcase/", showcase, name="showcase"),
    path("showcase/tags/", showcase_tags, name="showcase_tags"),
    path("showcase/by/<uuid:author_id>/", showcase, name="showcase_author"),
    path("s/<str:token>/", shared_picture, name="shared_picture"),
    path("s/<str:token>/card.jpg", share_card, name="share_card"),
    path("s/<str:token>/like/", like_picture, name="like_picture"),
    path("s/<str:token>/report/", report_picture, name="report_picture"),
    path("models/", custom_models, name="models"),
    path("models/new/", new_custom_model, name="new_model"),
    path("models/upload/", upload_lora, name="upload_lora"),
    path("models/shared/<str:token>/", shared_model, name="shared_model"),
    path("models/shared/<str:token>/use/", use_shared_model, name="use_shared_model"),
    path("models/<uuid:model_id>/", custom_model, name="model"),
    path("models/<uuid:model_id>/draft/", save_draft, name="save_draft"),
    path("models/<uuid:model_id>/pictures/", add_pictures, name="add_pictures"),
    path("models/<uuid:model_id>/pictures/<int:picture_id>/remove/", remove_picture, name="remove_picture"),
    path("models/<uuid:model_id>/pictures/<int:picture_id>/caption/", caption_picture, name="caption_picture"),
    path("models/<uuid:model_id>/download/", custom_model_download, name="model_download"),
    path("models/<uuid:model_id>/start/", start_training, name="start_training"),
    path("models/<uuid:model_id>/<slug:action>/", custom_model_action, name="model_action"),
    path("verify/", verify, name="verify"),
    path(".well-known/getimg-licence-keys.json", licence_keys, name="licence_keys"),
    path("settings/webhooks/", webhooks, name="webhooks"),
    path("settings/webhooks/<uuid:endpoint_id>/", webhook, name="webhook"),
    path("settings/webhooks/<uuid:endpoint_id>/<slug:action>/", webhook_action, name="webhook_action"),
    path(
        "settings/webhooks/<uuid:endpoint_id>/deliveries/<uuid:delivery_id>/", webhook_delivery, name="webhook_delivery"
    ),
    path("settings/refusals/", refusals, name="refusals"),
    path("settings/refusals/<uuid:case_id>/", refusal, name="refusal"),
    path("settings/your-data/", your_data, name="your_data"),
    path("settings/your-data/export/", order_export, name="order_export"),
    path("settings/your-data/export/cancel/", cancel_export, name="cancel_export"),
    path("settings/your-data/export/<uuid:export_id>/", download_export, name="download_export"),
    path("settings/your-data/erase/", erase, name="erase"),
    path("media/<int:expires>/<slug:signature>/<path:key>", media, name="media"),
    path("media/shown/<int:expires>/<slug:signature>/<path:key>", shown_media, name="shown_media"),
    path("media/operators/<int:expires>/<slug:signature>/<path:key>", operators_media, name="operators_media"),
    path("settings/api-keys/use/", api_use, name="api_use"),
    path("settings/api-keys/<uuid:key_id>/use/", api_use, name="api_use"),
]
