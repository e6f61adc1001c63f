// surgectl follow: what the daemon decides, as it happens.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include "ctl/command_line.hpp"
#include "ctl/context.hpp"
#include "replay/timeline.hpp"
#include "wire/record_json.hpp"

namespace surged {
namespace {

struct FollowOptions {
    std::vector<std::string> types;
    int seconds = 0;
};

bool wanted(const std::vector<std::string>& types, std::string_view type) {
    if (types.empty()) {
        return true;
    }
    for (const std::string& prefix : types) {
        if (type.substr(0, prefix.size()) == prefix) {
            return true;
        }
    }
    return false;
}

void follow(const FollowOptions& options, Context& context) {
    const StopOnSignal signals;
    const auto began = std::chrono::steady_clock::now();
    const auto over = [&] {
        const bool late = options.seconds > 0 && std::chrono::steady_clock::now() - began > std::chrono::seconds{options.seconds};
        return late || signals.stop().load();
    };
    const Zone zone = context.json ? Zone{} : Api(context).zone();
    if (!context.json) {
        std::fprintf(stderr, "surgectl: %s", zone_note(zone, context.look()).c_str());  // each line has the time alone
    }
    std::optional<std::uint64_t> last;  // numbers go on over restarts and from host to host: they are the log's
    const auto each = [&](std::string_view type, std::string_view data) {
        if (type == "missed" && last) {
            std::fprintf(stderr, "surgectl: %s\n", context.look().say("follow_missed").c_str());
            return true;
        }
        const auto record = decode_record(data);
        last = record ? record->seq : last;
        if (!wanted(options.types, type)) {
            return true;
        }
        if (context.json) {
            std::printf("%.*s\n", static_cast<int>(data.size()), data.data());
        } else if (record && !is_load(*record)) {
            std::printf("%s\n", line_of(narrate(*record, zone), false).c_str());
        }
        std::fflush(stdout);
        return !std::ferror(stdout);
    };
    // A daemon that restarts is waited for, and of several hosts the next at work is heard; one that was never there is an error.
    for (bool first = true; !over(); first = false) {
        Api api(context);
        context.exit_code = ctl_ok;
        if (api.events(each, over, last)) {
            return;
        }
        if (context.exit_code == ctl_forbidden || (first && context.exit_code != ctl_ok)) {
            return;
        }
        std::this_thread::sleep_for(std::chrono::seconds{1});
    }
    context.exit_code = ctl_ok;
}

}  // namespace

void add_follow(CliCommand app, Context& context) {
    const auto command = app.command("follow", "print what the daemon decides as it happens, until Ctrl-C");
    auto options = std::make_shared<FollowOptions>();
    command.option("--types", options->types, "only these types or beginnings of types: incident,seat.joined,page")
        .separator(',')
        .type("TYPE");
    command.option("--for", options->seconds, "end after so many seconds").type("SECONDS").positive();
    command.run([options, &context] { follow(*options, context); });
}

}  // namespace surged
