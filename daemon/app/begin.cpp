#include "app/begin.hpp"

#include "app/descriptors.hpp"
#include "app/follow.hpp"
#include "app/profiles.hpp"
#include "app/recovery.hpp"
#include "app/rescue.hpp"
#include "app/standby.hpp"

namespace surged {
namespace {

tl::unexpected<StartFailure> start_failed(ExitCode code, const char* event, std::string why) {
    return tl::unexpected(StartFailure{code, event, std::move(why)});
}

/// Out of the file alone; with --standby once nobody else has it.
Result<std::unique_ptr<Begun>, StartFailure> begin_alone(LoadedConfig& config, const Surroundings& around) {
    const std::string path = settings_in_force(config.settings, around.files.store).store.path;
    auto records = around.files.standby ? stand_by(around.store, {around.files.config, around.files.store}, config, around.signals,
                                                   around.notifier, around.log)
                                        : around.store.open(path);
    if (!records) {
        return start_failed(exit_store, "store_unusable",
                      path + ": " + records.error().message + rescue_hint(records.error(), around.files.config));
    }
    if (*records == nullptr) {
        return std::unique_ptr<Begun>();
    }
    Settings settings = settings_in_force(config.settings, around.files.store);
    auto engine = std::make_unique<Engine>(std::move(config.plan));
    const auto recovery = recover(**records, windows_path_of(settings.store.path), *engine, around.host_clock);
    if (!recovery) {
        return start_failed(exit_store, "not_recovered", recovery.error().message + rescue_hint(recovery.error(), around.files.config));
    }
    const EngineClockSource clock(around.host_clock, recovery->last_known);
    if (recovery->last_known) {
        engine->recovered(*recovery->last_known, clock.now());
    }
    tell_recovery(*recovery, around.log);
    offer_profiles_at_start(*engine, profiles_path_of(settings, settings.store.path), around.log);
    auto ingest = Ingest::open(settings.ingest, engine->plan().limits);
    if (!ingest) {
        return start_failed(exit_address, "ingest_not_open", ingest.error().message);
    }
    return std::make_unique<Begun>(Begun{std::move(settings), std::move(*records), recovery->head, std::move(engine), clock,
                                         std::move(*ingest), !recovery->spoiled.empty(), {}});
}

}  // namespace

void tell_recovery(const RecoveryReport& report, const Log& log) {
    for (const std::string& why : report.spoiled) {
        log.warning("snapshot_not_used", {{"why", why}, {"effect", "the records before it stood in: nothing is lost"}});
    }
    log.notice("recovered", {{"head", report.head}, {"what", report.summary()}});
}

Result<std::unique_ptr<Begun>, StartFailure> begin(LoadedConfig& config, const Surroundings& around) {
    auto begun = config.settings.cluster ? follow(config, around) : begin_alone(config, around);
    if (begun && *begun) {
        if (const auto descriptors = fit_descriptors((*begun)->settings); !descriptors.remark.empty()) {
            around.log.warning("few_descriptors", {{"effect", descriptors.remark}});
        }
    }
    return begun;
}

}  // namespace surged
