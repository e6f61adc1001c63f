#include "feed/switch_run.hpp"

#include <csignal>
#include <cstdlib>

#include "io/courier/secret_file.hpp"

namespace surged {

bool fits_one_line(const std::string& text) {
    return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
}

std::optional<Secret> open_switch_secret(const SwitchRunOptions& options, std::ostream& err) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes by write()
    const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
    auto secret = read_secret(options.secret_file, "", credentials == nullptr ? "" : credentials);
    if (!secret) {
        err << secret.error().message << '\n';
        return std::nullopt;
    }
    if (secret->reveal().find_first_of("\r\n") != std::string::npos) {
        err << "secret file " << options.secret_file << ": it has more than one line\n";
        return std::nullopt;
    }
    if (options.peer.tls) {
        if (auto well = try_ca_file(options.peer.ca_file); !well) {
            err << well.error().message << '\n';
            return std::nullopt;
        }
    }
    return std::move(*secret);
}

}  // namespace surged
