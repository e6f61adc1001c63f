#include "console_kit.hpp"

#include <chrono>
#include <cstdlib>

#include "wire/encode_message.hpp"

namespace surged::test {

std::string site_of(const DaemonKit& kit) {
    return "http://127.0.0.1:" + std::to_string(kit.port("http")) + "/";
}

void feed_many(DaemonKit& kit, int centres, int queues, double calls_waiting) {
    for (int c = 0; c < centres; ++c) {
        const std::string source = "many-" + std::to_string(c);
        Message message;
        message.source = source;
        message.has_epoch = true;
        message.epoch = kit.epoch;
        message.seq = ++kit.seq;
        message.ts = source_time(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
        std::vector<std::string> names;
        names.reserve(static_cast<std::size_t>(queues));
        const std::string centre = c == 0 ? "jinan" : "centre-" + std::to_string(c);
        for (int q = 0; q < queues; ++q) {
            names.push_back(q == 0 ? "general" : "queue-" + std::to_string(q));
            message.parts.push_back({centre, names.back(), "voice", message.ts, static_cast<std::uint32_t>(message.values.size()), 2});
            message.values.push_back({"calls_waiting", calls_waiting});
            message.values.push_back({"oldest_wait_s", calls_waiting * 2});
        }
        kit.pusher->push(encode_json(message));
    }
}

std::string cut_texts(Chromium& browser, const std::string& where) {
    return browser.run("const all = document.querySelectorAll('" + where + R"js(');
      const out = [];
      for (const e of all) {
        if (e.closest(".hidden, .skip, svg, .cursor, datalist, select") || e.getClientRects().length === 0) continue;
        const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.nodeValue.trim() !== "");
        if (!own) continue;
        const box = e.getBoundingClientRect();
        const beyond = box.right > document.documentElement.clientWidth + 1 && !e.closest(".scroll");
        const clipped = getComputedStyle(e).overflow !== "visible" && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
        let over = false;
        for (let p = e.parentElement; p && p !== document.body && !over; p = p.parentElement) {
          if (getComputedStyle(p).overflowX === "hidden" || p.matches(".fire, .tile, .wall")) {
            const room = p.getBoundingClientRect();
            over = box.right > room.right + 1 || box.bottom > room.bottom + 1;
          }
        }
        if (beyond || clipped || over) out.push(e.className + ": " + e.textContent.slice(0, 40));
      }
      return out.slice(0, 10);)js");
}

std::string overlaps(Chromium& browser, const std::string& selector) {
    return browser.run("const all = [...document.querySelectorAll('" + selector + R"js(')].map((e) => [e, e.getBoundingClientRect()]);
      const out = [];
      for (let i = 0; i < all.length; i++)
        for (let k = i + 1; k < all.length; k++) {
          const [a, p] = all[i], [b, q] = all[k];
          if (a.contains(b) || b.contains(a)) continue;
          if (Math.min(p.right, q.right) - Math.max(p.left, q.left) > 1 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 1)
            out.push(a.textContent.slice(0, 20) + " | " + b.textContent.slice(0, 20));
        }
      return out.slice(0, 10);)js");
}

std::string texts_over_texts(Chromium& browser, const std::string& where) {
    return browser.run("const all = document.querySelectorAll('" + where + R"js(');
      const texts = [];
      for (const e of all) {
        if (e.closest(".hidden, .skip, svg, .canvas, datalist, select, .stripe, dialog") || e.getClientRects().length === 0) continue;
        for (const n of e.childNodes) {
          if (n.nodeType !== 3 || n.nodeValue.trim() === "") continue;
          const range = document.createRange();
          range.selectNodeContents(n);
          // A scrolling box shows what is within it.
          const room = e.closest(".scroll")?.getBoundingClientRect();
          for (const r of range.getClientRects())
            if (!room || (r.left < room.right && r.right > room.left)) texts.push([n, r]);
        }
      }
      texts.sort((a, b) => a[1].top - b[1].top);
      const out = [];
      for (let i = 0; i < texts.length; i++)
        for (let k = i + 1; k < texts.length && texts[k][1].top < texts[i][1].bottom; k++) {
          const [a, p] = texts[i], [b, q] = texts[k];
          // Lines of one paragraph may touch: what counts is half a letter.
          if (a !== b && Math.min(p.right, q.right) - Math.max(p.left, q.left) > 2 && Math.min(p.bottom, q.bottom) - q.top > 6)
            out.push(a.nodeValue.slice(0, 20) + " | " + b.nodeValue.slice(0, 20));
        }
      return out.slice(0, 10);)js");
}

double font_px(Chromium& browser, const std::string& selector) {
    const auto least = browser.run("return Math.min(...[...document.querySelectorAll('" + selector + "')].map((e) => parseFloat(getComputedStyle(e).fontSize)))");
    return std::strtod(least.c_str(), nullptr);
}

}  // namespace surged::test
