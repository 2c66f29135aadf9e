#!/usr/bin/env python3
"""Matomo in a box behind nginx and Apache, with MariaDB over its Unix socket: a release that you give, for no package of Debian
has it. It is installed by its own installer, takes visits, makes its reports, is changed, moved to another version and back, and
attacked. The tests are one story, as those of run.py.

    scripts/test-matomo RELEASE                       RELEASE: the folder that Matomo's archive unpacks to
"""

import functools
import os
import secrets
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "sandbox"), os.path.join(HERE, "..", "..", "scripts", "lib")]

import webservers  # noqa: E402
from fixture import write  # noqa: E402
from mariadb import MariaDb  # noqa: E402
from matomo import EXEC, PROGRAMS, Matomo, said  # noqa: E402
from run import Suite, parser, tell  # noqa: E402


PICTURE = "plugins/CoreHome/images/applogo_128.png"


class MatomoSuite(Suite):
    """One site's story, of a release that is given."""

    def __init__(self, world, report, release):
        self.world, self.report, self.ports = world, report, {}
        password = secrets.token_hex(12)
        self.database = MariaDb(world, {"matomo": password})
        self.matomo = Matomo(world, self.database, release, password)

    def sites(self):
        return (self.matomo,)

    def prepare(self):
        self.database.install().start()
        self.matomo.deploy("a")
        self.matomo.switch("a")
        self.matomo.for_installer()

    def start(self):
        self.matomo.start()
        self.ports = {server: webservers.start(self.world, server, [self.matomo]) for server in ("nginx", "apache")}

    def run(self):
        self.check("matomo/installed", self.install)
        self.check("matomo/check", self.checked, self.matomo)
        for server, port in self.ports.items():
            self.check(f"matomo/{server}/expected", self.expected, self.matomo, port)
            self.check(f"matomo/{server}/closed", self.closed, self.matomo, port)
            self.check(f"matomo/{server}/assets", self.assets, port)
            self.check(f"matomo/{server}/visits", self.visits, port)
        self.check("matomo/jobs", self.jobs_with_programs)
        self.check("matomo/archived-in-one-process", self.archived)
        self.check("matomo/reports", self.reports)
        self.check("matomo/pages", self.pages)
        self.check("matomo/settings", self.settings)
        self.check("matomo/plugins", self.plugins)
        self.check("matomo/data-survives", self.matomo_survives)
        self.check("matomo/attacked", self.attacked)

    def install(self):
        """by its own installer, with the folder of its settings writable for that one run; then only the file is"""
        mistakes = self.matomo.install(self.ports["nginx"]) + self.matomo.stop()
        self.matomo.for_good()
        self.matomo.start()
        return mistakes

    def assets(self, port):
        """the merged style sheet and scripts, which it writes to tmp; the tracker's script is a file"""
        sizes = {path: (page.status, len(page.body)) for path in (
            "/index.php?module=Proxy&action=getCss", "/index.php?module=Proxy&action=getCoreJs",
            "/matomo.js") if (page := self.matomo.visitor(port).request(path))}
        return [f"{path}: {found}" for path, found in sizes.items() if found[0] != 200 or found[1] < 10000]

    def visits(self, port):
        """a visit of two pages is taken by the tracker"""
        name = secrets.token_hex(4)
        statuses = [self.matomo.hit(port, f"http://example.org/{page}", f"Visitor {name}").status for page in ("a", "b")]
        return [] if statuses == [204, 204] else [str(statuses)]

    def visit_count(self, site="1", period="day"):
        visitor = self.matomo.logged_in(self.ports["nginx"])
        return self.matomo.api(visitor, "VisitsSummary.getVisits", idSite=site, period=period, date="today").get("value")

    def jobs_with_programs(self):
        """core:archive with the programs that the profile advises: reports are there after it, and not before"""
        before = self.visit_count(period="week")
        self.matomo.write_pool_file(more=f"{self.matomo.connection()}\n{PROGRAMS}", php=EXEC)
        mistakes = self.checked(self.matomo) + self.run_jobs(self.matomo)
        self.matomo.write_pool_file(more=self.matomo.connection())
        after = self.visit_count(period="week")
        return mistakes + ([] if before == 0 and after else [f"{before} visits of the week before, {after} after"])

    def archived(self):
        """the job that needs no other program makes the reports of a second site"""
        port = self.ports["nginx"]
        site = str(self.matomo.api(self.matomo.logged_in(port), "SitesManager.addSite", siteName="Second", urls="http://example.net",
                                   passwordConfirmation=self.matomo.login).get("value"))
        hit, before = self.matomo.hit(port, "http://example.net/", "Second", site), self.visit_count(site)
        request = f"module=API&method=CoreAdminHome.archiveReports&idSite={site}&period=day&date=today&format=json&trigger=archivephp"
        run = self.matomo.fpmbox("exec", self.matomo.pool_path, "--", "php", "console", "climulti:request", "--matomo-domain=matomo.test",
                                 "--superuser", request)
        after = self.visit_count(site)
        return [] if (run.returncode, hit.status, before, after) == (0, 204, 0, 1) else [
            f"exit {run.returncode}, hit {hit.status}: {before} visits, then {after}: {run.stdout[-300:]} {run.stderr[-600:]}"]

    def reports(self):
        """every report that it names is computed"""
        visitor = self.matomo.logged_in(self.ports["nginx"])
        day = {"idSite": "1", "period": "day", "date": "today"}
        named = self.matomo.api(visitor, "API.getReportMetadata", **day)
        reports = [report for report in named if report["module"] != "MultiSites" and "parameters" not in report]
        answers = {report["uniqueId"]: self.matomo.api(visitor, "API.getProcessedReport", apiModule=report["module"], apiAction=report["action"], **day)
                   for report in reports}
        wrong = [f"{name}: {str(answer)[:300]}" for name, answer in answers.items() if "reportData" not in answer]
        return wrong + ([] if len(answers) > 40 else [f"only {len(answers)} reports: {str(named)[:300]}"])

    PAGES = ("CoreHome&action=index", "Dashboard&action=embeddedIndex&idDashboard=1", "CoreAdminHome&action=generalSettings", "CoreAdminHome&action=home",
             "CoreAdminHome&action=trackingCodeGenerator", "UsersManager&action=index", "UsersManager&action=userSettings", "SitesManager&action=index",
             "PrivacyManager&action=privacySettings", "Installation&action=systemCheckPage", "CorePluginsAdmin&action=plugins", "Live&action=indexVisitorLog",
             "MultiSites&action=index", "API&action=listAllAPI", "Goals&action=manage", "Diagnostics&action=configfile")

    def pages(self):
        """its pages, those of the administration among them"""
        visitor, mistakes = self.matomo.logged_in(self.ports["apache"]), []
        for page in self.PAGES:
            answer = visitor.request(f"/index.php?module={page}&idSite=1&period=day&date=today")
            if answer.status != 200 or len(answer.body) < 1000 or "Fatal error" in answer.text or "matomo-exception" in answer.text:
                mistakes.append(f"{page}: {answer.status}, {len(answer.body)} bytes: {said(answer)}")
        return mistakes

    def settings(self):
        """one that is kept in the database, and one that is kept in config.ini.php"""
        visitor = self.matomo.logged_in(self.ports["nginx"])
        answers = [self.matomo.api(visitor, "CoreAdminHome.setArchiveSettings", enableBrowserTriggerArchiving="0", todayArchiveTimeToLive="10"),
                   self.matomo.api(visitor, "CoreAdminHome.setTrustedHosts", **{"trustedHosts[0]": "matomo.test", "trustedHosts[1]": "other.test",
                                                                              "passwordConfirmation": self.matomo.login})]
        with open(self.matomo.settings_file()) as file:
            kept = 'trusted_hosts[] = "other.test"' in file.read()
        return ([] if all(answer.get("value") is True for answer in answers) else [str(answers)]) + ([] if kept else ["the trusted host is not kept"])

    def plugins(self):
        """one is switched off and on again, by the command line beside the pool"""
        runs = [self.matomo.fpmbox("exec", self.matomo.pool_path, "--", "php", "console", f"plugin:{verb}", "RssWidget") for verb in ("deactivate", "activate")]
        return [f"exit {run.returncode}: {run.stdout[-300:]} {run.stderr[-300:]}" for run in runs if run.returncode or "Fatal" in run.stdout + run.stderr]

    def matomo_survives(self):
        """login, settings and visits survive a stop, a start, a new version and the change back"""
        site, port = self.matomo, self.ports["nginx"]
        visitor, visits = site.logged_in(port), self.visit_count()
        site.copy_version("a", "next")
        write(f"{site.version('next')}/bootstrap.php", "<?php header('X-Version: next');\n")
        with open(f"{site.code}/{PICTURE}", "rb") as picture:
            site.kept = f"/{PICTURE}", picture.read()

        def still(version):
            answers = site.visitor(port).request("/index.php").headers.get("X-Version", "a")
            hit = site.hit(port, "http://example.org/c", "Later")
            return ([] if site.is_logged_in(visitor) else ["not logged in any more"]) + (
                [] if self.visit_count() == visits else ["the visits are lost"]) + (
                [] if answers == version else [f"{answers} answers instead of {version}"]) + (
                [] if hit.status == 204 else [f"a visit is answered with {hit.status}"])
        return self.survives(site, still)

    def attacked(self):
        """the harness's catalogue against this very pool: nothing leaks"""
        run = self.matomo.fpmbox("test", self.matomo.pool_path)
        return [] if run.returncode == 0 else [f"exit {run.returncode}", *run.stdout.splitlines()[-40:], *run.stderr.splitlines()[-20:]]


def main():
    arguments = parser(__doc__)
    arguments.add_argument("release", help="a folder with Matomo as it is released")
    options = arguments.parse_args()
    return tell(functools.partial(MatomoSuite, release=options.release), options)


if __name__ == "__main__":
    sys.exit(main())
