#include "sim/take_overs.hpp"

#include <set>
#include <utility>

#include "sim/shrink.hpp"

namespace surged::test {
namespace {

void add(TakeOvers& took, const ShardResult& run, std::size_t boundary) {
    ++took.boundaries;
    took.in_flight += run.in_flight;
    took.repeated += run.repeated;
    took.held += run.held;
    took.lost += run.lost;
    took.compared += run.compared;
    took.tally += run.tally;
    if (run.breaches.empty()) {
        return;
    }
    ++took.broken;
    std::set<std::string> promises;
    for (const auto& breach : run.breaches) {
        promises.insert(promise_of(breach));
        if (took.broken == 1) {
            took.first.push_back("lost after record " + std::to_string(boundary) + ": " + breach);
        }
    }
    for (const auto& promise : promises) {
        ++took.promises[promise];
    }
}

}  // namespace

TakeOvers& TakeOvers::operator+=(const TakeOvers& other) {
    records += other.records, boundaries += other.boundaries, in_flight += other.in_flight, repeated += other.repeated;
    held += other.held, lost += other.lost, compared += other.compared;
    broken += other.broken, tally += other.tally;
    for (const auto& [promise, count] : other.promises) {
        promises[promise] += count;
    }
    first.insert(first.end(), other.first.begin(), other.first.end());
    return *this;
}

TakeOvers take_overs(ShardSpec spec, std::size_t stride) {
    TakeOvers took;
    const auto breach = std::exchange(spec.breach, Breach::none);
    spec.lost_after.reset();
    const auto whole = ShardWorld(spec).run();
    took.records = whole.records;
    if (!whole.breaches.empty()) {
        took.broken = 1;
        took.first = whole.breaches;
        return took;
    }
    spec.breach = breach;
    for (std::size_t boundary = 0; boundary <= whole.records; boundary += stride) {
        spec.lost_after = boundary;
        add(took, ShardWorld(spec).run(), boundary);
    }
    return took;
}

std::string text_of(const TakeOvers& took, const ShardSpec& spec) {
    std::string text = "take-over: world " + std::to_string(spec.seed) + ", " + std::to_string(took.records) + " records: lost at " +
                       std::to_string(took.boundaries) + " boundaries, " + std::to_string(took.broken) + " of them with a breach\n" +
                       "take-over: together " + std::to_string(took.tally.incidents) + " incidents, " + std::to_string(took.tally.regions) +
                       " of them regions, " + std::to_string(took.tally.pages) + " pages; " + std::to_string(took.in_flight) +
                       " in flight as the owner was lost, " + std::to_string(took.repeated) + " of them repeated with the label; " +
                       std::to_string(took.held) + " held by the closed gate; " + std::to_string(took.lost) +
                       " records lost before they were durable; desks compared " + std::to_string(took.compared) + " times\n";
    for (const auto& [promise, count] : took.promises) {
        text += "take-over: " + promise + " broken at " + std::to_string(count) + " boundaries\n";
    }
    for (const auto& [what, times] : took.tally.met) {
        text += "take-over: " + std::to_string(times) + " times: " + what + "\n";
    }
    for (const auto& line : took.first) {
        text += line + "\n";
    }
    return text;
}

}  // namespace surged::test
