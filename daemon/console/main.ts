// Starts the console: one page is drawn at a time, anew with each change and once a second, because ages and countdowns run.
import { morph } from "./dom";
import { healthPage } from "./health";
import { incidentPage } from "./incident";
import { setZone } from "./i18n";
import { keepLive } from "./live";
import { status } from "./model";
import { nowPage } from "./now";
import { pastPage } from "./past";
import { peoplePage } from "./people";
import { queuePage } from "./queue";
import { remember } from "./recent";
import { Route, routeOf, takeLinks } from "./routes";
import { applyTheme, askToken, drawHead } from "./shell";
import { drawSign, soundNewRed } from "./sign";
import { fitFires, wallPage } from "./wall";

let route: Route = routeOf(location.pathname, location.search);
let zoneSet = "";

function content(): HTMLElement[] {
  switch (route.page) {
    case "wall": return wallPage(draw);
    case "incident": return incidentPage(route.id, draw);
    case "queue": return queuePage(route.centre, route.queue, route.channel, draw);
    case "past": return pastPage(draw);
    case "people": return peoplePage(draw);
    case "health": return healthPage();
    default: return nowPage(draw);
  }
}

function drawAll(): void {
  const zone = status()?.timezone ?? "";
  if (zone && zone !== zoneSet) {
    zoneSet = zone;
    setZone(zone);
  }
  applyTheme(route.page);
  document.body.className = `page-${route.page}`;
  drawHead(route, draw);
  morph(document.getElementById("main")!, content());
  if (route.page === "wall" && innerWidth >= 700) fitFires();
  drawSign();
  soundNewRed();
}

let drawing = false;
/// Draws in the next frame, once, however often it is asked; a page in the background is drawn by the clock below.
function draw(): void {
  if (drawing) return;
  drawing = true;
  const run = (): void => {
    if (!drawing) return;
    drawing = false;
    drawAll();
  };
  if (document.visibilityState === "visible") requestAnimationFrame(run);
  else setTimeout(run, 250);
}

function went(): void {
  route = routeOf(location.pathname, location.search);
  scrollTo(0, 0);
  document.getElementById("main")!.focus({ preventScroll: true });
  draw();
}

takeLinks(went);
addEventListener("scroll", draw, { passive: true });
addEventListener("resize", draw);
setInterval(draw, 1000);
drawAll();
void keepLive({
  changed: () => {
    remember();
    draw();
  },
  login: askToken,
});
