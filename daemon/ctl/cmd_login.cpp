// surgectl login: a link that logs a browser in, with the role of this token.
#include <fmt/format.h>

#include "ctl/api_json.hpp"
#include "ctl/command_line.hpp"
#include "ctl/context.hpp"

namespace surged {
namespace {

void login(Context& context) {
    Api api(context);
    const auto given = api.post("/api/v1/logins", "{}");
    if (!given) {
        return;  // the reason was told
    }
    if (context.json) {
        fmt::print("{}\n", to_text(*given));
        return;
    }
    const auto url = given->text_or("url", "");
    fmt::print("{}\n", url.empty() ? api.server() + given->text_or("path", "") : url);
    fmt::print(stderr, "surgectl: open it within 2 minutes and press the button; it works once\n");
}

}  // namespace

void add_login(CliCommand app, Context& context) {
    const auto command = app.command("login", "print a link that logs a browser in, once and within 2 minutes, with the role of --token-file");
    command.run([&context] { login(context); });
}

}  // namespace surged
