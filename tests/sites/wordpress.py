"""WordPress: deployed, installed over HTTP, used."""

import html
import json
import re
import secrets

from demo.visitor import Visitor
from deploy import Site, copy_package
from fixture import folder, write

HOST = "wordpress.test"
# What an attacker who runs PHP in a plugin would do, where the application loads it itself.
ACTS = """<?php
add_action('fpmbox_event', fn() => update_option('fpmbox_event', 'has run'));
add_action('init', function () {
  $path = ABSPATH . ($_GET['path'] ?? '');
  switch ($_GET['fpmbox-act'] ?? '') {
    case 'write': $said = @file_put_contents($path, '/* changed */', FILE_APPEND | LOCK_EX) ? 'written' : 'refused'; break;
    case 'read': $said = @file_get_contents($path); break;
    case 'session': session_start(); $_SESSION['seen'] = ($_SESSION['seen'] ?? 0) + 1; $said = 'seen ' . $_SESSION['seen']; break;
    case 'version': $said = basename(dirname(__DIR__, 2)); break;
    case 'later': wp_schedule_single_event(time() - 1, 'fpmbox_event'); $said = 'scheduled'; break;
    case 'ran': $said = get_option('fpmbox_event', 'has not run'); break;
    default: return;
  }
  header('Content-Type: text/plain');
  echo $said;
  exit;
});
"""


class WordPress(Site):
    def __init__(self, world, database):
        super().__init__(world, "alice", "wordpress", HOST)
        self.database, self.password = database, secrets.token_urlsafe(15)

    def deploy(self, version, password):
        tree = copy_package("/usr/share/wordpress", self.version(version), without=(".htaccess", "wp-config.php"))
        write(f"{folder(tree + '/wp-content/mu-plugins')}/acts.php", ACTS)
        folder(f"{tree}/wp-content/uploads")  # the mount point
        keys = "".join(f"define('{name}', '{secrets.token_hex(32)}');\n" for name in (
            "AUTH_KEY", "SECURE_AUTH_KEY", "LOGGED_IN_KEY", "NONCE_KEY", "AUTH_SALT", "SECURE_AUTH_SALT", "LOGGED_IN_SALT", "NONCE_SALT"))
        self.settings = f"""<?php
define('DB_NAME', 'wordpress');
define('DB_USER', 'wordpress');
define('DB_PASSWORD', '{password}');
define('DB_HOST', 'localhost:{self.database.socket}');
define('DB_CHARSET', 'utf8mb4');
{keys}define('DISALLOW_FILE_MODS', true);
define('DISABLE_WP_CRON', true);
define('WP_HOME', 'http://{HOST}');
define('WP_SITEURL', 'http://{HOST}');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
        self.configuration(version, "wp-config.php", self.settings)

    def visitor(self, port):
        return Visitor(port, HOST)

    def install(self, port):
        page = self.visitor(port).request("/wp-admin/install.php?step=2", {
            "weblog_title": "Boxed", "user_name": "admin", "admin_password": self.password, "admin_password2": self.password,
            "pw_weak": "1", "admin_email": "admin@example.org", "blog_public": "0"})
        return [] if page.status == 200 and "<h1>Success!</h1>" in page.text else [f"{page.status}: {text_of(page)[:600]}"]

    def logged_in(self, port):
        visitor = self.visitor(port)
        form = visitor.form("/wp-login.php", "log")
        visitor.request("/wp-login.php", {**form, "log": "admin", "pwd": self.password})
        return visitor

    def name_posts_by_title(self, port):
        """/hello-world/ instead of /?p=1"""
        visitor = self.logged_in(port)
        form = visitor.form("/wp-admin/options-permalink.php", "permalink_structure")
        page = visitor.request("/wp-admin/options-permalink.php", {**form, "selection": "custom", "permalink_structure": "/%postname%/"})
        return [] if page.status in (200, 302) else [f"{page.status}: {text_of(page)[:300]}"]

    @staticmethod
    def is_logged_in(visitor):
        page = visitor.request("/wp-admin/profile.php")
        return page.status == 200 and "Howdy" in page.text

    @staticmethod
    def rest(visitor, route, **values):
        """What the block editor does: a nonce, then JSON over the REST interface."""
        nonce = visitor.request("/wp-admin/admin-ajax.php?action=rest-nonce").text
        page = visitor.request(f"/index.php?rest_route={route}", {**values, "_wpnonce": nonce})
        try:
            return page.status, json.loads(page.text)
        except ValueError:
            return page.status, {"message": page.text[:300]}

    @staticmethod
    def upload(visitor, name, content):
        """By the form of the media library; the path of the picture's address."""
        form = visitor.form("/wp-admin/media-new.php?browser-uploader", "_wpnonce")
        page = visitor.request("/wp-admin/async-upload.php", {"name": name, "action": "upload-attachment", "_wpnonce": uploader_nonce(visitor) or
                                                             form["_wpnonce"]}, {"async-upload": (name, "image/png", content)})
        try:
            return json.loads(page.text)["data"]
        except (ValueError, KeyError):
            return {"message": f"{page.status} {page.text[:300]}"}

    def act(self, visitor, act, path=""):
        return visitor.request(f"/index.php?fpmbox-act={act}&path={path}").text


def uploader_nonce(visitor):
    """The one that the page's script sends along."""
    found = re.search(r'"multipart_params":\{[^}]*"_wpnonce":"(\w+)"', visitor.request("/wp-admin/upload.php").text)
    return found[1] if found else None


def text_of(page):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"(?s)<(style|script)\b.*?</\1>|<[^>]*>", " ", page.text)))
