"""What people call the tasks: one name each, the same on every page."""

VIDEO_TASK = "image-to-video"
# What is ordered for a model of one's own: a run like any other, but no picture comes of it.
TRAINING = "dreambooth"
# A picture drawn again to be compared with what it is: no picture comes of it either, and it costs nothing.
REPRODUCTION = "reproduction"

TASK_NAMES = {
    "text-to-image": "Text to image",
    "image-to-image": "Image to image",
    "variations": "Variations",
    "inpaint": "Inpaint",
    "outpaint": "Outpaint",
    "blend": "Blend",
    "remove-background": "Remove background",
    "replace-background": "Replace background",
    "upscale": "Upscale",
    "instruct": "Edit by instruction",
    "controlnet": "Guided by a picture",
    VIDEO_TASK: "Image to video",
    TRAINING: "Model training",
    REPRODUCTION: "Verification",
}
