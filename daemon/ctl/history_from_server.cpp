#include "ctl/history_from_server.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"
#include "ctl/api_json.hpp"
#include "ctl/history_curves.hpp"
#include "ctl/history_messages.hpp"

namespace surged {
namespace {

constexpr std::int64_t slot_s = history_slot_minutes * 60;
constexpr std::int64_t day_slots = 86400 / slot_s;
constexpr std::int64_t days_kept_max = 3660;
/// Days of one answer: 17 are 4896 points, and one has at most 5000.
constexpr std::int64_t days_at_once = 17;
/// Of so many queues all these days are in memory at once; of more, fewer days.
constexpr std::int64_t queues_at_once = 1000;

/// One queue in slots [from, to). What the daemon does not know is no failure.
Result<HistoryCurves> asked(Context& context, const QueueKey& queue, std::int64_t from_s, std::int64_t to_s, const char* step) {
    Context quiet = context;
    quiet.quiet = true;
    quiet.exit_code = ctl_ok;
    Api api(quiet);
    const auto body = api.get("/api/v1/history?centre=" + percent_encoded(queue.centre) + "&queue=" + percent_encoded(queue.queue) + "&channel=" +
                              percent_encoded(queue.channel) + "&from=" + std::to_string(from_s) + "&to=" + std::to_string(to_s) + "&step=" + step);
    if (!body) {
        return quiet.exit_code == ctl_no ? Result<HistoryCurves>(HistoryCurves{}) : fail("the history of " + queue.centre + "/" + queue.queue + " cannot be read");
    }
    auto curves = read_history(*body);
    return !curves || curves->note.empty() ? std::move(curves) : fail(curves->note);
}

/// The daemon tells its columns under their names.
KeptSlots slots_of(const HistoryCurves& curves) {
    KeptSlots out;
    for (std::size_t i = 0; i < curves.steps(); ++i) {
        HistoryValues values = no_history_values();
        const auto value = [&](std::string_view metric) {
            const auto found = std::find_if(curves.curves.begin(), curves.curves.end(), [&](const HistoryCurve& curve) { return curve.metric == metric; });
            return found == curves.curves.end() ? std::nullopt : found->values[i];
        };
        bool known = false;
        for (std::size_t c = 0; c < column_count; ++c) {
            if (const auto told = value(history_columns[c].name)) {
                values[c] = static_cast<float>(*told);
                known = true;
            }
        }
        if (known) {
            out.emplace_back(to_ms(curves.at(i)) / 1000 / slot_s, values);
        }
    }
    return out;
}

}  // namespace

bool history_server_messages(Context& context, const std::function<bool(const Message&)>& each) {
    Api api(context);
    const auto list = api.read("/api/v1/queues");
    if (!list) {
        return false;
    }
    const std::int64_t now_s = count_of(*list, "now") / 1000;
    KeptHistory kept;
    kept.to = now_s / slot_s + 1;
    kept.from = kept.to;
    for (const JsonValue& queue : list_of(*list, "queues")) {
        const QueueKey key{queue.text_or("centre", ""), queue.text_or("queue", ""), queue.text_or("channel", voice_channel)};
        const auto days = asked(context, key, std::max<std::int64_t>(0, now_s - days_kept_max * 86400), now_s, "1d");
        if (!days) {
            context.fail(ctl_unreachable, days.error().message);
            return false;
        }
        kept.queues.push_back(key);
        const auto known = slots_of(*days);
        // A day that is not over is no point yet: at least since yesterday is asked.
        kept.from = std::min(kept.from, known.empty() ? kept.to - 2 * day_slots : known.front().first);
    }
    const auto queues = static_cast<std::int64_t>(std::max<std::size_t>(1, kept.queues.size()));
    kept.at_once = std::clamp<std::int64_t>(days_at_once * queues_at_once / queues, 1, days_at_once) * day_slots;
    kept.read = [&context](const QueueKey& queue, std::int64_t from, std::int64_t to) -> Result<KeptSlots> {
        const auto curves = asked(context, queue, from * slot_s, to * slot_s, "5m");
        return curves ? Result<KeptSlots>(slots_of(*curves)) : tl::unexpected(curves.error());
    };
    const auto told = history_messages(kept, each);
    if (!told) {
        context.fail(ctl_unreachable, told.error().message);
    }
    return told.has_value();
}

}  // namespace surged
