#include "app/rescue.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <map>
#include <set>

#include "app/recovery.hpp"
#include "app/rescue_report.hpp"
#include "app/stored_state.hpp"
#include "core/base/bytes.hpp"
#include "core/team/roster.hpp"
#include "io/clock/clock.hpp"
#include "io/store/rescue.hpp"
#include "io/store/sqlite_log.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

/// "0-17", "s-3" -> the number behind the last dash.
std::uint64_t number_of_id(const std::string& id) {
    const auto dash = id.rfind('-');
    std::uint64_t number = 0;
    if (dash != std::string::npos) {
        std::from_chars(id.data() + dash + 1, id.data() + id.size(), number);
    }
    return number;
}

/// Engine time of a state, as its bytes begin (Engine::snapshot): magic, sequence, time.
EngineTime time_of_state(std::string_view bytes) {
    ByteReader in(bytes);
    in.get<std::uint32_t>();
    in.get<std::uint64_t>();
    const auto at = in.get<std::int64_t>();
    return in.ok() ? engine_time(at) : EngineTime{};
}

/// Takes what follows on the newest whole state, without a hole, into the engine. What is not understood is a failure: those bytes are as
/// they were written, by another version.
Result<void, LogFailure> fold_rescued(StoreRescue& rescue, const StoreFindings& found, Engine& engine, RescueFold& fold) {
    const std::string blank = engine.snapshot();
    for (const auto seq : found.snapshots) {
        const auto stored = rescue.snapshot_at(seq);
        if (!stored) {
            return tl::unexpected(stored.error());
        }
        const auto state = *stored ? state_of((*stored)->bytes) : std::nullopt;
        if (state && engine.restore(*state) && engine.sequence() == seq) {
            fold.base = fold.upto = seq;
            fold.last = time_of_state(*state);
            break;
        }
        engine.restore(blank);
    }
    std::string strange;
    const auto each = rescue.each(fold.base, [&](const StoredRecord& stored) {
        if (stored.seq != fold.upto + 1) {
            return false;
        }
        if (stored.type != record_type_lost) {
            const auto record = decode_record(stored.bytes);
            if (!record) {
                strange = "record " + std::to_string(stored.seq) + " is whole, and this version does not understand it (" + record.error().message +
                          "): a newer surged wrote it, start that one";
                return false;
            }
            engine.apply(*record);
            fold.last = std::max(fold.last, record->at);
            ++fold.folded;
        }
        fold.upto = stored.seq;
        fold.upto_ms = stored.wall_ms;
        return true;
    });
    if (each && !strange.empty()) {
        return tl::unexpected(LogFailure{LogError::corrupt, strange});
    }
    return each;
}

/// What was read behind the hole: kept, told, not folded.
Result<void, LogFailure> look_behind(StoreRescue& rescue, RescueFold& fold) {
    if (fold.upto_ms == 0) {  // the state is that of a snapshot: its record tells the time, if it is there
        const auto last = rescue.each(fold.base > 0 ? fold.base - 1 : 0, [&](const StoredRecord& stored) {
            fold.upto_ms = stored.seq == fold.base ? stored.wall_ms : 0;
            return false;
        });
        if (!last) {
            return last;
        }
    }
    return rescue.each(fold.upto, [&](const StoredRecord& stored) {
        ++fold.behind;
        const auto record = decode_record(stored.bytes);
        if (!record) {
            return true;
        }
        fold.last = std::max(fold.last, record->at);
        if (!stored.incident.empty()) {
            auto& incident = fold.incidents_behind[stored.incident];
            incident.last_ms = stored.wall_ms;
            if (const auto* change = std::get_if<IncidentChange>(&record->body)) {
                incident.opened = incident.opened || change->step == IncidentStep::opened;
                incident.closed = change->step == IncidentStep::closed || (incident.closed && change->step != IncidentStep::reopened);
            }
            fold.incidents_made = std::max(fold.incidents_made, number_of_id(stored.incident));
        }
        if (const auto* answer = std::get_if<AnswerGiven>(&record->body)) {
            fold.answers_behind.push_back({stored.wall_ms, *answer});
        } else if (const auto* silence = std::get_if<SilenceChange>(&record->body)) {
            fold.silences_made = std::max(fold.silences_made, number_of_id(silence->silence));
        } else if (const auto* override = std::get_if<OverrideChange>(&record->body)) {
            fold.overrides_made = std::max(fold.overrides_made, number_of_id(override->id));
        }
        return true;
    });
}

int refuse(const Log& log, const std::string& path, const std::string& why, const char* effect = "the store is as it was") {
    log.error("not_rescued", {{"store", path}, {"why", why}, {"effect", effect}});
    return exit_store;
}

/// The start's own way through the store: would it come up? Empty = it would.
std::string why_no_start(RecordLog& store, const std::string& store_path, LoadedConfig& config) {
    Engine engine(std::move(config.plan));
    const auto recovered = recover(store, windows_path_of(store_path), engine, SystemClock());
    return recovered ? std::string() : recovered.error().message;
}

/// Why a start would fail; nullopt = it would not.
Result<std::optional<std::string>, LogFailure> damage_of(const StoreRescue& rescue, const std::string& path, const std::string& config_file) {
    if (auto seen = rescue.examine(); !seen) {
        return seen.error().error == LogError::corrupt ? Result<std::optional<std::string>, LogFailure>(seen.error().message)
                                                       : tl::unexpected(seen.error());
    }
    const auto store = open_sqlite_log_to_read(path);
    LoadedConfig again = load_config(config_file);
    if (!store || !again.ok()) {  // a file without a byte: the start makes a store of it
        return std::optional<std::string>();
    }
    const auto why = why_no_start(**store, path, again);
    return why.empty() ? std::optional<std::string>() : std::optional(why);
}

Result<RescueDone, std::string> do_rescue(StoreRescue& rescue, const StoreFindings& found, LoadedConfig& config, const std::string& config_file,
                                          const std::string& path, Engine& engine) {
    RescueDone out;
    auto folded = fold_rescued(rescue, found, engine, out.fold);
    folded = folded ? look_behind(rescue, out.fold) : folded;
    if (!folded) {
        return tl::unexpected(folded.error().message);
    }
    out.whole = found.doubt.empty() && out.fold.upto == found.head;
    out.incidents = engine.incidents();
    const RescueFold& fold = out.fold;
    Record note;
    note.seq = found.head + 1;
    note.at = fold.last;
    note.wall = SystemClock().wall();
    SystemNote rescued{"rescued", out.whole ? "every record was read back"
                                            : "the state is that of record " + std::to_string(fold.upto) + ": " + found.doubt};
    rescued.torn = !out.whole;
    rescued.incidents = static_cast<int>(fold.incidents_made);
    rescued.silences = static_cast<int>(fold.silences_made);
    rescued.overrides = static_cast<int>(fold.overrides_made);
    note.body = std::move(rescued);
    engine.apply(note);
    const StoredRecord more{note.seq, to_ms(note.wall), record_type(note), {}, encode(note)};
    const auto named = rescue.complete(fold.upto + 1, std::span(&more, 1), {note.seq, stored_state(engine.snapshot())}, fold.base, out.whole ? found.installation : "");
    if (!named) {
        return tl::unexpected(named.error().message);
    }
    out.installation = named->id;
    LoadedConfig again = load_config(config_file);
    if (!again.ok()) {
        return tl::unexpected(config_file + " was changed meanwhile and has errors now");
    }
    config.files = again.files;
    {
        const auto made = rescue.completed();
        const auto why = made ? why_no_start(**made, path, again) : made.error().message;
        if (!why.empty()) {
            return tl::unexpected("a start from what was read back fails: " + why);
        }
    }
    const auto moved = rescue.put_in_place();
    if (!moved) {
        return tl::unexpected(moved.error().message);
    }
    out.moved = *moved;
    return out;
}

}  // namespace

std::string rescue_hint(const LogFailure& failure, const std::string& config_file) {
    return failure.error == LogError::corrupt
               ? "; surged --rescue --config " + config_file + " moves a damaged store aside whole and makes one of what it can read back"
               : std::string();
}

int rescue_store(LoadedConfig& config, const RescueFiles& files, const Log& log, const Steps& steps) {
    print_diagnostics(config);
    if (!config.ok()) {
        log.error("bad_configuration", {{"why", files.config}});
        return exit_config;
    }
    const std::string& config_file = files.config;
    const std::string store_path = settings_in_force(config.settings, files.store).store.path;
    auto rescue = StoreRescue::begin(store_path, steps);
    if (!rescue) {
        return refuse(log, store_path, rescue.error().message);
    }
    if (rescue->finished()) {
        std::printf("%s: a rescue that was interrupted is finished, the new store is in place\n", store_path.c_str());
    }
    if (!rescue->store_there()) {
        return refuse(log, store_path, "there is no store; a start makes a new one", "nothing was done");
    }
    const auto damage = damage_of(*rescue, store_path, config_file);
    if (!damage) {
        return refuse(log, store_path, damage.error().message);
    }
    if (!*damage) {
        std::printf("%s: the store is sound, nothing was done\n", store_path.c_str());
        return exit_stopped;
    }
    const auto found = rescue->read_back();
    if (!found) {
        return refuse(log, store_path, found.error().message);
    }
    if (found->newer) {
        return refuse(log, store_path,
                      "this is " + found->looks_like + ", this version knows format 1: start the surged that wrote it (if none ever did, set the value of `schema` in the table `meta` back to 1)");
    }
    if (!found->ours) {
        return refuse(log, store_path, "this is no store of surged: it looks like " + found->looks_like);
    }
    const Zone zone = zone_of(*config.plan, config.plan->timezone);
    Engine engine(std::move(config.plan));
    auto done = do_rescue(*rescue, *found, config, config_file, store_path, engine);
    if (!done) {
        rescue->give_up();
        return refuse(log, store_path, done.error());
    }
    const std::string text = rescue_text(store_path, **damage, *found, *done, zone);
    std::fputs(text.c_str(), stdout);
    return exit_stopped;
}

}  // namespace surged
