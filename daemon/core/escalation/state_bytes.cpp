// The state as bytes. Deterministic: ordered containers only, no address, no clock, no configuration in them.
#include "core/escalation/archive.hpp"
#include "core/escalation/state.hpp"

namespace surged {

namespace {

constexpr std::uint32_t state_magic = 0x4B534453;  // "SDSK"
constexpr std::uint16_t state_version = 1;

template <typename V>
void state_fields(V& v, DeskState& s) {
    v(s.incidents_made), v(s.silences_made), v(s.overrides_made), v(s.pages_made), v(s.tests_made), v(s.seats_taken), v(s.recovered);
    v(s.incidents), v(s.closed), v(s.pages), v(s.silences), v(s.overrides), v(s.rearms), v(s.channels), v(s.replies), v(s.reply_order);
}

}  // namespace

template <typename V>
void archive_fields(V& v, AlertKey& x) {
    v(x.rule), v(x.queue);
}

std::string DeskState::snapshot() const {
    ArchiveOut out;
    auto magic = state_magic;
    auto version = state_version;
    out(magic);
    out(version);
    // The writer walks the same list as the reader and changes nothing.
    state_fields(out, const_cast<DeskState&>(*this));
    auto& alerts = const_cast<std::map<AlertKey, AlertEdge>&>(book.alerts());
    out(alerts);
    return out.take();
}

bool DeskState::restore(std::string_view bytes) {
    ArchiveIn in(bytes);
    std::uint32_t magic = 0;
    std::uint16_t version = 0;
    in(magic);
    in(version);
    if (magic != state_magic || version != state_version) {
        return false;
    }
    DeskState fresh(*index->plan);
    state_fields(in, fresh);
    std::map<AlertKey, AlertEdge> alerts;
    in(alerts);
    if (!in.whole()) {
        return false;
    }
    for (const auto& [id, change] : fresh.silences) {
        fresh.book.set_silence({id, change.rule, change.centre, change.queue, change.until});
    }
    *this = std::move(fresh);
    rebuild();
    book.restore(std::move(alerts), placer());
    for (const auto& entry : book.folds()) {
        dirty_folds.insert(entry.first);
    }
    return true;
}

}  // namespace surged
