#include "site.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>

#include "support/catch.hpp"
#include "support/http_client.hpp"
#include "wire/json_text.hpp"

namespace surged::test {
namespace {

using namespace std::chrono_literals;

std::string text_of(const std::string& file) {
    std::ifstream in(file);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
    }
    return text;
}

}  // namespace

void replace_in(const std::string& file, const std::string& what, const std::string& with) {
    const auto text = text_of(file);
    REQUIRE(text.find(what) != std::string::npos);
    std::ofstream(file, std::ios::trunc) << replaced(text, what, with);
}

void configure_http(const DaemonKit& kit, const std::string& lines, bool tokens) {
    std::string all = lines;
    if (tokens) {
        std::ofstream(kit.dir.file("tokens")) << "admin " << admin_token << "\n";
        std::filesystem::permissions(kit.dir.file("tokens"), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        all += "token_file = \"tokens\"\n";
    }
    if (!all.empty()) {
        replace_in(kit.config, "[http]\n", "[http]\n" + all);
    }
}

std::string link_of(const DaemonKit& kit, const std::string& person, const std::string& purpose) {
    for (const SinkRequest& page : kit.pages(purpose)) {
        const auto json = parse_json(page.body);
        if (json && (person.empty() || json->find("people")->array()->front().text_or("person", "") == person)) {
            return json->text_or("link", "");
        }
    }
    return {};
}

std::vector<std::string> nginx_of_readme() {
    const auto text = text_of(std::string(SURGED_SOURCE_DIR) + "/systemd/README.md");
    const std::string begin = "```nginx\n";
    std::vector<std::string> out;
    for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
        const auto from = at + begin.size();
        out.push_back(text.substr(from, text.find("```", from) - from));
    }
    return out;
}

bool Nginx::installed() {
    const bool there = ::access("/usr/sbin/nginx", X_OK) == 0;
    if (!there) {
        WARN("nginx is not installed: skipped");
    }
    return there;
}

Nginx::Nginx(std::string text, int https_port, int http_port, int daemon_port, const TestCertificate& certificate) {
    const auto put = [&](const std::string& what, const std::string& with) { text = replaced(std::move(text), what, with); };
    put("listen 443 ssl;", "listen 127.0.0.1:" + std::to_string(https_port) + " ssl;");
    put("listen 80;", "listen 127.0.0.1:" + std::to_string(http_port) + ";");
    put("127.0.0.1:9847", "127.0.0.1:" + std::to_string(daemon_port));
    put("/etc/ssl/surge.example.pem", certificate.certificate());
    put("/etc/ssl/private/surge.example.key", certificate.key());
    std::ofstream(dir.file("nginx.conf")) << "daemon off; master_process off; pid " << dir.file("pid") << "; error_log " << dir.file("error.log")
                                          << ";\nevents { worker_connections 256; }\nhttp { access_log off; client_body_temp_path "
                                          << dir.file("body") << "; proxy_temp_path " << dir.file("proxy") << "; fastcgi_temp_path "
                                          << dir.file("fastcgi") << "; uwsgi_temp_path " << dir.file("uwsgi") << "; scgi_temp_path "
                                          << dir.file("scgi") << ";\n"
                                          << text << "}\n";
    process = std::make_unique<Kept>("/usr/sbin/nginx", std::vector<std::string>{"-e", dir.file("error.log"), "-p", dir.path().string(), "-c", dir.file("nginx.conf")},
                                     dir.file("log"));
    const bool up = eventually([&] { return HttpConnection(http_port).connected(); }, 20s);
    INFO(text);
    INFO(text_of(dir.file("log")));
    INFO(text_of(dir.file("error.log")));
    REQUIRE(up);
}

}  // namespace surged::test
