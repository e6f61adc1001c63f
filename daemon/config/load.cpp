// load_config and parse_config: sources -> one merged document -> plan and settings -> checks.
#include <array>
#include <filesystem>

#include "config/draft.hpp"
#include "config/forecast.hpp"
#include "config/hash.hpp"
#include "config/includes.hpp"
#include "core/base/encoding.hpp"

namespace surged {

namespace {
/// `torn`: a file could not be read. The others are still checked, but names that may stand in it are not missed.
void read_all(const Node& node, Draft& draft, bool torn, std::optional<WallTime> now) {
    TableReader root(node, "the configuration", draft.report);
    read_defaults(root, draft);
    read_settings(root, draft);
    read_cluster(root, draft);
    read_metrics(root, draft);
    read_derives(root, draft);
    read_forecast(root, draft);
    read_rules(root, draft);
    read_team(root, draft);
    read_rosters(root, draft);
    read_policies(root, draft);
    read_overload(root, draft);
    read_heartbeat(root, draft);
    root.finish();
    if (torn) {
        return;
    }
    draft.names.check(draft.report);
    check_metrics(draft);
    check_dependencies(draft);
    check_team(draft);
    check_addresses(draft);
    if (now && !draft.report.failed()) {
        check_coverage(draft, *now);
    }
}

LoadedConfig build(const SourceSet& sources, Report& report, const std::string& base_dir, std::optional<WallTime> now) {
    LoadedConfig loaded;
    Draft draft(report);
    read_all(sources.root, draft, sources.torn, now);
    ContentHash version;
    for (const auto& file : sources.files) {
        loaded.files.push_back(file->name);
        version.text(file->text);
    }
    draft.settings.base_dir = base_dir;
    draft.settings.http.ack_url_base = draft.plan.ack_url_base;
    loaded.settings = std::move(draft.settings);
    if (!report.failed()) {
        draft.plan.version = to_hex(version.value());
        stamp_contents(draft.plan);
        loaded.plan = std::make_unique<const Plan>(std::move(draft.plan));
    }
    loaded.diagnostics = report.take();
    return loaded;
}
}  // namespace

LoadedConfig load_config(const std::string& path, std::optional<WallTime> now) {
    Report report;
    SourceSet sources;
    load_sources(path, sources, report);
    const auto folder = std::filesystem::path(path).parent_path().string();
    if (!now) {
        now = std::chrono::floor<Span>(std::chrono::system_clock::now());
    }
    return build(sources, report, folder.empty() ? "." : folder, now);
}

LoadedConfig load_configs(const std::vector<std::string>& paths, const std::string& name, const std::string& extra) {
    Report report;
    SourceSet sources;
    for (const auto& path : paths) {
        load_sources(path, sources, report);
    }
    if (!extra.empty()) {
        load_text(name, extra, sources, report);
    }
    const auto folder = paths.empty() ? std::string() : std::filesystem::path(paths.front()).parent_path().string();
    return build(sources, report, folder.empty() ? "." : folder, std::nullopt);
}

LoadedConfig parse_config(const std::string& name, const std::string& text, std::optional<WallTime> now) {
    Report report;
    SourceSet sources;
    load_text(name, text, sources, report);
    return build(sources, report, "", now);
}

}  // namespace surged
