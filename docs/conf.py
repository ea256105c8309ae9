"""How Sphinx makes the guide: https://www.sphinx-doc.org/en/master/usage/configuration.html"""  # noqa: INP001

project = html_title = "tiktok-display"
extensions = ["myst_parser"]
exclude_patterns = ["_*"]
templates_path = ["_templates"]

myst_heading_anchors = 3  # a link may name a section of another page
# `site:` is what tools/site.py puts beside the pages.
myst_url_schemes = {"http": None, "https": None, "site": "{{path}}"}

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["guide.css"]
html_favicon = "_static/icon.svg"
html_copy_source = html_show_sourcelink = False
html_show_copyright = html_show_sphinx = False
html_use_index = False
html_sidebars = {
    "**": [
        "sidebar/brand.html",
        "sidebar/search.html",
        "sidebar/scroll-start.html",
        "sidebar/navigation.html",
        "sidebar/reference.html",
        "sidebar/scroll-end.html",
    ]
}
