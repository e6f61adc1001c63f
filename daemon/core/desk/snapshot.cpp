// The state as bytes. Deterministic: ordered containers only, no address, no clock, no configuration in them.
#include "core/desk/snapshot.hpp"

#include <algorithm>

#include "core/base/fields.hpp"

namespace surged {

namespace {

constexpr std::uint32_t state_magic = 0x4B534453;  // "SDSK"
/// Raised with every change of the fields, but for those of policies, which stand by name. Bytes of another version are refused: the log is the truth, and the start replays it.
constexpr std::uint16_t state_version = 3;

template <typename V>
void state_fields(V& v, DeskState& s) {
    v(s.incidents_made), v(s.silences_made), v(s.overrides_made), v(s.seats_taken), v(s.recovered);
    v(s.incidents), v(s.closed), v(s.outbox), v(s.silences), v(s.overrides), v(s.rearms), v(s.replies), v(s.reply_order),
        v(s.drills);
}

}  // namespace

std::string desk::snapshot(const DeskState& state) {
    FieldsOut out;
    // The writer walks the same list as the reader and changes nothing.
    state_fields(out, const_cast<DeskState&>(state));
    auto& alerts = const_cast<std::map<AlertKey, AlertEdge>&>(state.book.alerts());
    out(alerts);
    const auto body = out.take();
    ByteWriter whole;
    whole.put(state_magic);
    whole.put(state_version);
    whole.put(crc32c(body));
    whole.put_raw(body.data(), body.size());
    return whole.take();
}

bool desk::restore(DeskState& state, std::string_view bytes) {
    ByteReader head(bytes);
    const auto magic = head.get<std::uint32_t>();
    const auto version = head.get<std::uint16_t>();
    const auto crc = head.get<std::uint32_t>();
    const auto body = bytes.substr(bytes.size() - head.left());
    if (!head.ok() || magic != state_magic || version != state_version || crc != crc32c(body)) {
        return false;  // whole and unharmed, or not at all
    }
    FieldsIn in(body);
    DeskState fresh(*state.index->plan);
    state_fields(in, fresh);
    std::map<AlertKey, AlertEdge> alerts;
    in(alerts);
    const auto unreadable = [](const auto& entry) { return entry.second.policy.id.empty(); };
    if (!in.whole() || std::ranges::any_of(fresh.incidents, unreadable)) {
        return false;
    }
    for (const auto& [id, change] : fresh.silences) {
        fresh.book.set_silence({id, change.rule, change.centre, change.queue, change.until});
    }
    fresh.board = state.board;
    fresh.values = state.values;
    state = std::move(fresh);
    state.rebuild();
    state.book.restore(std::move(alerts), state.placer());
    for (const auto& entry : state.book.groups()) {
        state.dirty_groups.insert(entry.first);
    }
    return true;
}

}  // namespace surged
