#include "app/snapshots.hpp"

#include <algorithm>
#include <chrono>

#include "app/recovery.hpp"

namespace surged {
namespace {

/// Windows are made at most this share of the engine's time.
constexpr int windows_cost_share = 100;

}  // namespace

Snapshots::Snapshots(const Engine& engine, StoreThread& store, FileWriter& files, const StoreSettings& settings, const Log& log)
    : engine_(engine),
      store_(store),
      files_(files),
      log_(log),
      windows_path_(windows_path_of(settings.path)),
      windows_every_(settings.snapshot_every),
      retention_(settings.retention),
      saved_seq_(engine.sequence()) {}

EngineTime Snapshots::next() const {
    return hole_ ? EngineTime{} : std::min(windows_due_, saved_at_ + state_every);
}

void Snapshots::turn(Stamp now) {
    if (saved_at_ == EngineTime{}) {  // the first turn only starts the clocks
        saved_at_ = trimmed_at_ = now.at;
        windows_due_ = now.at + windows_every_;
        return;
    }
    const std::uint64_t since = engine_.sequence() - saved_seq_;
    if (hole_ || since >= records_max || now.at - saved_at_ >= state_every) {
        if (hole_ || since > 0) {
            save_state(now);
        }
        saved_at_ = now.at;
    }
    if (now.at >= windows_due_) {
        save_windows(now);
    }
    if (now.at - trimmed_at_ >= trim_every) {
        trim(now);
    }
}

void Snapshots::last(Stamp now) {
    if (engine_.sequence() > 0) {
        save_state(now);
    }
    save_windows(now);
}

void Snapshots::save_state(Stamp now) {
    hole_ = false;
    saved_seq_ = engine_.sequence();
    saved_at_ = now.at;
    store_.save_snapshot({saved_seq_, engine_.snapshot()});
}

void Snapshots::save_windows(Stamp now) {
    const auto began = std::chrono::steady_clock::now();
    files_.write(windows_path_, windows_bytes(now.at, engine_.series_snapshot()),
                 [log = &log_, path = windows_path_](const Result<void>& written) {
                     if (!written) {
                         log->warning("windows_not_saved", {{"path", path}, {"why", written.error().message}});
                     }
                 });
    const auto took = std::chrono::ceil<Span>(std::chrono::steady_clock::now() - began);
    windows_due_ = now.at + std::max(windows_every_, took * windows_cost_share);
}

void Snapshots::trim(Stamp now) {
    trimmed_at_ = now.at;
    const std::int64_t before = to_ms(now.wall - retention_);
    store_.run([log = &log_, seq = saved_seq_, before](RecordLog& records) {
        if (const auto gone = records.trim(seq, before); gone && *gone > 0) {
            log->info("trimmed", {{"records", *gone}});
        } else if (!gone) {
            log->warning("not_trimmed", {{"why", gone.error().message}});
        }
    });
}

}  // namespace surged
