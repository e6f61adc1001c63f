#include <cmath>

#include "core/forecast/count_test.hpp"
#include "draws.hpp"
#include "support/catch.hpp"

using namespace surged;
using namespace surged::test;

namespace {

/// P(X >= count) of the negative binomial by its own sum, count a whole number.
double upper_by_sum(int count, double mean, double phi) {
    const double r = mean / (phi - 1.0);
    const double p = 1.0 / phi;
    double term = std::pow(p, r);
    double below = 0.0;
    for (int k = 0; k < count; ++k) {
        below += term;
        term *= (k + r) / (k + 1.0) * (1.0 - p);
    }
    return 1.0 - below;
}

}  // namespace

TEST_CASE("incomplete beta: agrees with the negative binomial's own sum") {
    for (const double phi : {1.2, 2.0, 5.0}) {
        for (const double mean : {0.7, 8.0, 60.0}) {
            for (const int count : {1, 5, 12, 70}) {
                const double want = upper_by_sum(count, mean, phi);
                if (want > 1e-9) {
                    CAPTURE(phi, mean, count);
                    CHECK(std::exp(log_incomplete_beta(count, mean / (phi - 1.0), 1.0 - 1.0 / phi)) ==
                          Approx(want).epsilon(1e-5));
                }
            }
        }
    }
}

TEST_CASE("incomplete beta: symmetric, I_x(1,1) = x") {
    CHECK(std::exp(log_incomplete_beta(1.0, 1.0, 0.37)) == Approx(0.37));
    CHECK(std::exp(log_incomplete_beta(2.5, 4.0, 0.3)) + std::exp(log_incomplete_beta(4.0, 2.5, 0.7)) == Approx(1.0));
}

TEST_CASE("surprise: grows with the count, shrinks with the scatter, both tails") {
    double last = 0.0;
    for (double count = 110.0; count <= 200.0; count += 10.0) {
        const double now = upper_surprise(count, 100.0, 1.5);
        CHECK(now > last);
        CHECK(upper_surprise(count, 100.0, 3.0) <= now);
        last = now;
    }
    CHECK(lower_surprise(50.0, 100.0, 1.5) > 4.0);
    CHECK(lower_surprise(150.0, 100.0, 1.5) < 0.01);
    CHECK(upper_surprise(50.0, 100.0, 1.5) < 0.01);
}

TEST_CASE("surprise: a small queue needs a larger share above its mean") {
    CHECK(upper_surprise(2.0 * 6.0, 6.0, 1.5) < 3.0);
    CHECK(upper_surprise(2.0 * 60.0, 60.0, 1.5) > 6.0);
}

TEST_CASE("surprise: finite and bounded where numbers end") {
    for (const double count : {0.0, 1e-3, 1.0, 1e4, 1e9}) {
        for (const double mean : {0.0, 1e-3, 1.0, 1e4, 1e9}) {
            for (const double phi : {0.0, 1.0, 2.0, 1e6}) {
                CAPTURE(count, mean, phi);
                for (const double value : {upper_surprise(count, mean, phi), lower_surprise(count, mean, phi)}) {
                    CHECK(std::isfinite(value));
                    CHECK(value >= 0.0);
                    CHECK(value <= 300.0);
                }
            }
        }
    }
}

TEST_CASE("dispersion: learns Poisson as 1 and a doubled variance as about 2, and one wild row moves it little") {
    Draws draws(5);
    Dispersion chance;
    Dispersion wide;
    for (int row = 0; row < 4000; ++row) {
        chance.learn(draws.poisson(50.0), 50.0);
        wide.learn(std::max(0.0, 50.0 + std::sqrt(100.0) * draws.normal()), 50.0);
    }
    CHECK(chance.phi() == Approx(1.0).margin(0.08));
    CHECK(wide.phi() == Approx(2.0).margin(0.15));

    const double before = chance.phi();
    chance.learn(5000.0, 50.0);
    CHECK(chance.phi() - before < 0.01);
}

TEST_CASE("rank: the largest so far is as rare as there are values, the smallest is not rare") {
    RankHistory ranks;
    CHECK(ranks.rarity(5.0) == 0.0);
    for (int value = 1; value <= 999; ++value) {
        ranks.learn(value);
    }
    CHECK(ranks.rarity(2000.0) == Approx(3.0));
    CHECK(ranks.rarity(0.01) < 0.01);
    CHECK(ranks.rarity(900.0) == Approx(1.0).margin(0.05));
    CHECK(ranks.rarity(1e300) >= 2.9);
}

TEST_CASE("rank: saved and loaded it ranks the same") {
    RankHistory ranks;
    for (int value = 1; value <= 50; ++value) {
        ranks.learn(value);
    }
    ByteWriter out;
    ranks.save(out);
    RankHistory again;
    ByteReader in(out.bytes());
    REQUIRE(again.load(in));
    CHECK(again.rarity(40.0) == ranks.rarity(40.0));
    CHECK(again.size() == 50.0);
}

// The reference values below were computed with mpmath at 40 digits: sums of binomial terms, and of beta-binomial terms for scatter.
TEST_CASE("two windows: 2 min against 15 min, the exact binomial tail as standard deviations, above and below") {
    struct Case {
        double recent, before, sigma;
    };
    for (const Case& c : {Case{3, 0, 2.94241174498}, Case{5, 2, 3.36324146059}, Case{10, 15, 3.42408098646}, Case{26, 75, 3.7613752088},
                          Case{60, 300, 2.68409882363}, Case{80, 300, 5.08542872643}, Case{180, 1000, 3.54781954264},
                          Case{266, 1000, 9.30709123967}, Case{400, 1000, 16.9236154495}, Case{0, 15, -1.02373536248},
                          Case{0, 75, -3.76346753135}, Case{2, 75, -2.64140365516}, Case{20, 300, -3.19888092128},
                          Case{10, 300, -5.28065665024}, Case{80, 1000, -4.66406028146}, Case{50, 1000, -7.81655554889}}) {
        CAPTURE(c.recent, c.before);
        CHECK(change_sigma({c.recent, 2, c.before, 15}) == Approx(c.sigma).epsilon(1e-8));
        CHECK(change_sigma({c.recent, 120000, c.before, 900000}) == Approx(c.sigma).epsilon(1e-8));
    }
}

TEST_CASE("two windows: scatter widens the tail as two negative binomials would, within 0.15 standard deviations") {
    struct Case {
        double phi, recent, before, sigma;
    };
    for (const Case& c : {Case{1.2, 10, 15, 3.047018676}, Case{1.2, 26, 75, 3.375191755}, Case{1.2, 80, 300, 4.57795921},
                          Case{1.2, 180, 1000, 3.221781336}, Case{1.5, 10, 15, 2.683955443}, Case{1.5, 26, 75, 2.980222774},
                          Case{1.5, 80, 300, 4.046023984}, Case{1.5, 180, 1000, 2.869043798}, Case{2, 10, 15, 2.316545126},
                          Case{2, 26, 75, 2.562417872}, Case{2, 80, 300, 3.471268506}, Case{2, 180, 1000, 2.477438413},
                          Case{3, 10, 15, 1.926369552}, Case{3, 26, 75, 2.099900177}, Case{3, 80, 300, 2.820928823},
                          Case{3, 180, 1000, 2.023688759}}) {
        CAPTURE(c.phi, c.recent, c.before);
        CHECK(change_sigma({c.recent, 2, c.before, 15}, c.phi) == Approx(c.sigma).margin(0.15));
    }
}

TEST_CASE("two windows: nothing counted, no span, and numbers without end give a finite answer") {
    CHECK(change_sigma({0, 2, 0, 15}) == 0.0);
    CHECK(change_sigma({5, 0, 5, 15}) == 0.0);
    CHECK(change_sigma({5, 2, 5, 0}) == 0.0);
    CHECK(change_sigma({4, 2, 30, 15}) == 0.0);
    for (const double recent : {0.0, 0.3, 1.0, 1e4, 1e9}) {
        for (const double before : {0.0, 0.3, 1.0, 1e4, 1e9}) {
            CAPTURE(recent, before);
            const double sigma = change_sigma({recent, 2, before, 15});
            CHECK(std::abs(sigma) <= 37.0);
            CHECK((sigma > 0) == (recent * 15 > before * 2 && sigma != 0));
        }
    }
    for (const double z : {-5.0, -1.0, 0.0, 0.5, 3.0, 9.0, 25.0, 36.0}) {
        CHECK(sigma_of_log_tail(std::log(0.5 * std::erfc(z / std::sqrt(2.0)))) == Approx(z).margin(1e-3));
    }
    CHECK(sigma_of_log_tail(-1e6) == 37.0);
    CHECK(sigma_of_log_tail(0.0) == -37.0);
}

TEST_CASE("two windows: one limit means the same to a queue of any size") {
    // Independent looks at Poisson counts: above 3 standard deviations once in 741, at 2 calls in the window or at 2,000.
    Draws draws(11);
    for (const double mean : {2.0, 13.0, 130.0, 2000.0}) {
        int loud = 0;
        constexpr int looks = 40000;
        for (int i = 0; i < looks; ++i) {
            loud += change_sigma({draws.poisson(mean), 2, draws.poisson(mean * 7.5), 15}) > 3.0 ? 1 : 0;
        }
        CAPTURE(mean);
        CHECK(loud <= looks / 741 * 3 / 2);
        CHECK(loud >= (mean > 10.0 ? looks / 741 / 3 : 1));
    }
}

TEST_CASE("surprise by factor: that of a log-normal, longer than the negative binomial's of the same variance, and finite") {
    // One, two and three standard deviations of the logarithm: the normal curve's tails.
    const double share = 0.0144;
    const double sd = std::sqrt(std::log1p(share));
    CHECK(upper_surprise_by_factor(1000.0 * std::exp(sd), 1000.0, share) == Approx(-std::log10(0.158655)).epsilon(1e-4));
    CHECK(upper_surprise_by_factor(1000.0 * std::exp(3.0 * sd), 1000.0, share) == Approx(-std::log10(0.00134990)).epsilon(1e-4));
    for (const double wide : {0.0025, 0.0144, 0.04}) {
        CHECK(upper_surprise_by_factor(1000.0 * std::exp(4.0 * std::sqrt(wide)), 1000.0, wide) <
              upper_surprise(1000.0 * std::exp(4.0 * std::sqrt(wide)), 1000.0, 1000.0 * wide));
    }
    CHECK(upper_surprise_by_factor(0.0, 1000.0, share) == 0.0);
    CHECK(upper_surprise_by_factor(1e300, 1.0, 0.0) == 300.0);
    CHECK(upper_surprise_by_factor(1e300, 0.0, share) == 300.0);
}

TEST_CASE("relative scatter: what a test may rely on is wider than what was learned, and the less the more days there were") {
    RelativeScatter scatter(0.07, 336, 60);
    Draws draws(5);
    const auto widened = [&scatter] { return scatter.doubtful(12, scatter.variance()) / scatter.variance(12); };
    CHECK(widened() == Approx(1.05 * 1.4));
    for (int day = 0; day < 100; ++day) {
        const double level = std::exp(0.12 * draws.normal());
        for (int row = 0; row < 12; ++row) {
            scatter.learn(12, 1000.0 * level, 1000.0, 1.0);
        }
    }
    CHECK(widened() > 1.05);
    CHECK(widened() < 1.05 * 1.04);
    CHECK(std::sqrt(scatter.doubtful(12, scatter.variance())) == Approx(0.12).epsilon(0.12));
}

TEST_CASE("relative scatter: hours are told apart once each was seen, and a strange day hardly moves either") {
    RelativeScatter scatter(0.07, 840, 60);
    Draws draws(3);
    CHECK(std::sqrt(scatter.variance(8)) == Approx(0.07).epsilon(0.01));
    for (int day = 0; day < 60; ++day) {
        const double early = std::exp(0.15 * draws.normal());
        const double late = std::exp(0.05 * draws.normal());
        for (int row = 0; row < 12; ++row) {
            scatter.learn(8, 1000.0 * early, 1000.0, 1.0);
            scatter.learn(12, 1000.0 * late, 1000.0, 1.0);
        }
    }
    CHECK(std::sqrt(scatter.variance(8)) > 0.11);
    CHECK(std::sqrt(scatter.variance(12)) < 0.065);
    CHECK(scatter.variance(12) < scatter.variance());
    CHECK(std::sqrt(scatter.variance(99)) > 0.06);  // no such hour: what all have in common
    const double before = scatter.variance(12);
    for (int row = 0; row < 12; ++row) {
        scatter.learn(12, 1400.0, 1000.0, 1.0);
    }
    CHECK(scatter.variance(12) < 1.15 * before);

    ByteWriter out;
    scatter.save(out);
    RelativeScatter again(0.07, 840, 60);
    ByteReader in(out.bytes());
    again.load(in);
    CHECK(in.at_end());
    CHECK(again.variance(8) == scatter.variance(8));
    RelativeScatter common(0.07, 840, 60);
    ByteReader old(out.bytes());
    common.load_common(old);
    CHECK(common.variance() == scatter.variance());
    CHECK(common.variance(8) == Approx(common.variance()));
}
