#include "app/profiles.hpp"

#include "io/store/side_file.hpp"

namespace surged {

Result<ProfileShelf> load_profiles(const std::string& path) {
    const auto content = read_checked_file(path);
    if (!content) {
        return fail(path + ": " + content.error().message);
    }
    if (!*content) {
        return ProfileShelf{};
    }
    auto profiles = read_profiles(**content);
    return profiles ? std::move(profiles) : fail(path + ": " + profiles.error().message);
}

void offer_profiles_at_start(Engine& engine, const std::string& path, const Log& log) {
    auto profiles = load_profiles(path);
    if (!profiles) {
        return log.warning("profiles_not_read", {{"why", profiles.error().message}});
    }
    if (const auto offered = profiles->size(); offered > 0) {
        const auto taken = engine.offer_profiles(std::move(*profiles));
        log.notice("profiles", {{"offered", offered}, {"taken", taken}});
    }
}

}  // namespace surged
