#include "ctl/count_messages.hpp"

namespace surged {

namespace {
/// When the row began. An hour that comes twice is taken as its first pass; a file of local times cannot say more.
std::int64_t start_ms(const CountRow& row, const Zone& zone) {
    if (row.utc_offset_s) {
        return (row.second() - *row.utc_offset_s) * 1000;
    }
    auto civil = civil_from_days(row.day);
    civil.second_of_day = row.second_of_day;
    return to_ms(zone.first_instant(civil));
}
}  // namespace

std::size_t count_messages(const CountFile& file, const CountMessageOptions& options,
                           const std::function<bool(const Message&)>& each) {
    Message message;
    std::uint64_t seq = 0;
    std::uint64_t epoch = 1;
    double total = 0;
    std::int64_t known_until = INT64_MIN;
    std::size_t back = 0;
    const auto say = [&](std::int64_t at_ms, double value) {
        message.clear();
        message.source = "csv";
        message.has_epoch = true;
        message.epoch = epoch;
        message.seq = ++seq;
        message.ts = source_time(at_ms);
        message.values.push_back({options.metric, value});
        message.parts.push_back({options.queue.centre, options.queue.queue, options.queue.channel, message.ts, 0, 1});
        return each(message);
    };
    for (const auto& row : file.rows) {
        const auto start = start_ms(row, *options.zone);
        const auto end = start + options.interval.count();
        if (end <= known_until || (known_until != INT64_MIN && start < known_until)) {
            ++back;
            continue;
        }
        if (row.unreadable) {
            continue;
        }
        if (!options.counter) {
            known_until = end;
            if (!say(end, row.count)) {
                return back;
            }
            continue;
        }
        if (start != known_until) {
            // Nobody saw what came before this row: a new life of the counter begins with it.
            epoch += known_until == INT64_MIN ? 0U : 1U;
            seq = known_until == INT64_MIN ? seq : 0;
            total = 0;
            if (!say(start, total)) {
                return back;
            }
        }
        total += row.count;
        known_until = end;
        if (!say(end, total)) {
            return back;
        }
    }
    return back;
}

}  // namespace surged
