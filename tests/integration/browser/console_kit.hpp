// What the tests of the console share: a surged with many queues, and what a page must hold whatever is on it.
#pragma once

#include <string>
#include <vector>

#include "chromium.hpp"
#include "support/daemon_kit.hpp"

namespace surged::test {

std::string site_of(const DaemonKit& kit);
/// Sends one value of `calls_waiting` (and oldest_wait_s beside it) for each of `centres` x `queues` queues, the first of which are "jinan".
void feed_many(DaemonKit& kit, int centres, int queues, double calls_waiting);
/// Whatever stands beyond its own box, or beyond the window to the right, with its text; "[]" = nothing.
std::string cut_texts(Chromium& browser, const std::string& where = "#head *, #main *");
/// Texts that stand over each other, of elements below these; "[]" = none.
std::string texts_over_texts(Chromium& browser, const std::string& where);
/// Pairs of boxes of these elements that overlap; "[]" = none.
std::string overlaps(Chromium& browser, const std::string& selector);
/// The least height of a letter box (font size) of texts that this selector finds, in px; 0 = there are none.
double font_px(Chromium& browser, const std::string& selector);

}  // namespace surged::test
