// What says the level where the page itself is not looked at: the tab's title and icon, and a sound on a new red.
import { openIncidents, Truth, truth } from "./model";
import { t, word } from "./i18n";

const colours: Record<string, string> = { yellow: "#ffd23f", orange: "#ff8c1a", red: "#e0202e", calm: "#2f9e6b" };
const grey = "#7a8694";
let drawn = "";

function icon(of: Truth): string {
  const colour = colours[of] ?? grey;
  const shape: Record<string, string> = {
    yellow: '<path d="M16 3 30 28H2Z"',
    orange: '<path d="M16 1 31 16 16 31 1 16Z"',
    red: '<path d="M10 2h12l8 8v12l-8 8H10l-8-8V10Z"',
    calm: '<circle cx="16" cy="16" r="14"',
  };
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${shape[of] ?? '<rect x="2" y="12" width="28" height="8"'} fill="${colour}"/></svg>`;
}

export function drawSign(): void {
  const now = truth();
  const missing = openIncidents().reduce((sum, i) => sum + Math.max(0, i.need - i.joined), 0);
  const level = now === "yellow" || now === "orange" || now === "red";
  const text = level ? `${word("level", now)}${missing > 0 ? ` ${t("missing_n", { n: missing })}` : ""} · surged` : `${t(`title.${now}`)} · surged`;
  if (document.title !== text) document.title = text;
  if (now !== drawn) {
    drawn = now;
    document.getElementById("icon")?.setAttribute("href", `data:image/svg+xml,${encodeURIComponent(icon(now))}`);
  }
}

let audio: AudioContext | null = null;
let known: Set<string> | null = null;
export function soundOn(): boolean {
  return localStorage.getItem("surged-sound") === "on";
}
/// Browsers let a page sound only after somebody has pressed something: pressing this is it.
export function switchSound(): void {
  const on = !soundOn();
  localStorage.setItem("surged-sound", on ? "on" : "off");
  if (on) chime();
}
function chime(): void {
  audio ??= new AudioContext();
  void audio.resume();
  const from = audio.currentTime;
  [880, 660, 880].forEach((hertz, i) => {
    const tone = audio!.createOscillator();
    const volume = audio!.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.2, from + i * 0.25);
    volume.gain.exponentialRampToValueAtTime(0.001, from + i * 0.25 + 0.22);
    tone.connect(volume).connect(audio!.destination);
    tone.start(from + i * 0.25);
    tone.stop(from + i * 0.25 + 0.23);
  });
}
/// Sounds when an incident is red that was not when last looked.
export function soundNewRed(): void {
  const red = new Set(openIncidents().filter((i) => i.level === "red").map((i) => i.incident));
  if (known && soundOn() && [...red].some((id) => !known!.has(id))) chime();
  known = red;
}
