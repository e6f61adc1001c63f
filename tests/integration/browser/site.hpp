// A surged whose pages carry links, and a real nginx before it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kept.hpp"
#include "support/daemon_kit.hpp"
#include "support/test_certificate.hpp"

namespace surged::test {

inline const std::string admin_token = "admin-token-0000001";

/// Puts `with` in the place of every `what`; there must be one.
void replace_in(const std::string& file, const std::string& what, const std::string& with);
/// Puts further lines into [http]. `tokens`: with a token file of one admin.
void configure_http(const DaemonKit& kit, const std::string& lines, bool tokens);
/// The link that this person's page carries, whole; of a group's page, person "".
std::string link_of(const DaemonKit& kit, const std::string& person, const std::string& purpose = "first");

/// The blocks of `systemd/README.md` that are nginx's, in order.
std::vector<std::string> nginx_of_readme();

struct Nginx {
    /// Runs the text of a server block or two: its own ports in place of 443 and 80, `daemon_port` in place of 9847.
    Nginx(std::string text, int https_port, int http_port, int daemon_port, const TestCertificate& certificate);
    static bool installed();

    TempDir dir;
    std::unique_ptr<Kept> process;
};

}  // namespace surged::test
