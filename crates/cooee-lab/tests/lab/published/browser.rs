//! Nobody's client: a web browser that is told the name.

use cooee_lab::scene::avahi::output;

use super::named;
use crate::programs::{DEADLINE, pair, program, stop};

/// A site of Django on port 8000.
const SITE: &str = r#"
from django.conf import settings
settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["workshop.local"], SECRET_KEY="lab")
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
urlpatterns = [path("", lambda request: HttpResponse("<h1>the workshop</h1>"))]
print("begins", flush=True)
execute_from_command_line(["site", "runserver", "--noreload", "0.0.0.0:8000"])
"#;

#[test]
fn chromium_opens_a_django_site_by_its_name() {
    let lab = pair();
    let mut site = lab.server.spawn(program("COOEE_STOCK_PYTHON"), ["-c", SITE]).unwrap();
    site.stdout_line_with("begins", DEADLINE).unwrap();
    let server = named(&lab.server, "Workshop", &["--require-listener"]);
    let profile = tempfile::tempdir().unwrap();
    let profile = format!("--user-data-dir={}", profile.path().display());
    let page = output(
        &lab.client,
        &[
            "chromium",
            "--headless",
            // Its sandbox wants another user than root.
            "--no-sandbox",
            "--disable-gpu",
            profile.as_str(),
            "--dump-dom",
            "http://workshop.local:8000/",
        ],
    );
    assert!(page.contains("<h1>the workshop</h1>"), "{page}");
    stop(server);
}
