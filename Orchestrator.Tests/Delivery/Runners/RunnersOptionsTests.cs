using Microsoft.Extensions.Configuration;
using Orchestrator.Service.Delivery.Runners;

namespace Orchestrator.Tests.Delivery.Runners;

/// <summary>Switches, repositories and rules of the runners' settings.</summary>
[Trait("Requirement", "RUN-6")]
public sealed class RunnersOptionsTests
{
    [Fact]
    public void A_runner_that_is_off_and_a_repository_that_is_not_listed_are_left_to_agents()
    {
        var options = Bound(("Tests:Enabled", "true"), ("Tests:Suites:py:Repositories:0", "acme/app"), ("Tests:Suites:py:Program", "pytest"), ("Staging:Suites:s:Repositories:0", "acme/app"), ("Staging:Suites:s:Program", "x"));

        Assert.Empty(options.Check());
        Assert.Equal("pytest", options.Tests.SuiteOf("Acme/App")?.Program);
        Assert.Null(options.Tests.SuiteOf("acme/other"));
        Assert.Null(options.Staging.SuiteOf("acme/app"));
    }

    [Theory]
    [InlineData("Tests:Suites:py:Repositories:0", "app", "Tests:Suites:py:Repositories")]
    [InlineData("Tests:Suites:py:Program", "bin/pytest", "Tests:Suites:py:Program")]
    [InlineData("Tests:Suites:py:Timeout", "00:00:00", "Tests:Suites:py:Timeout")]
    [InlineData("Tests:Suites:py:StopGrace", "01:00:00", "Tests:Suites:py:StopGrace")]
    [InlineData("Tests:Suites:py:Arguments:0", "{junitxml}", "Tests:Suites:py:Arguments")]
    [InlineData("Tests:Suites:py:Environment:A=B", "1", "Tests:Suites:py:Environment")]
    [InlineData("Tests:Suites:py:Results:0", "../x/*.xml", "Tests:Suites:py:Results")]
    [InlineData("Tests:Suites:py:TransientPatterns:0", "(", "Tests:Suites:py:TransientPatterns")]
    [InlineData("Tests:Suites:py:Smoke:a:Url", "ftp://x", "Tests:Suites:py:Smoke:a:Url")]
    [InlineData("Tests:Suites:two:Repositories:0", "acme/app", "Tests:Suites")]
    [InlineData("Deferrals:0", "00:00:00", "Deferrals")]
    [InlineData("Tests:Suites:py:Ssh:Host", "-oProxyCommand=x", "Tests:Suites:py:Ssh:Host")]
    public void A_broken_rule_is_named(string key, string value, string broken)
    {
        var options = Bound(("Tests:Enabled", "true"), ("Tests:Suites:py:Repositories:0", "acme/app"), ("Tests:Suites:py:Program", "pytest"), ("Tests:Suites:py:Ssh:Folder", "/srv"), ("Tests:Suites:two:Program", "x"), ("Tests:Suites:two:Repositories:0", "acme/two"), (key, value));

        Assert.Contains(options.Check(), found => found.Key == broken);
    }

    [Fact]
    public void What_would_need_a_shell_or_a_file_over_there_is_refused()
    {
        var options = Bound(("Tests:Suites:s:Repositories:0", "acme/app"), ("Tests:Suites:s:Program", "./run"), ("Tests:Suites:s:Ssh:Host", "staging"), ("Tests:Suites:s:Ssh:Folder", "/srv/app"), ("Tests:Suites:s:Arguments:0", "$(reboot)"), ("Tests:Suites:s:Arguments:1", "{junit}"));

        Assert.Equal(2, options.Check().Count(found => found.Key == "Tests:Suites:s:Arguments"));
    }

    private static RunnersOptions Bound(params (string Key, string Value)[] settings)
    {
        var options = new RunnersOptions();
        new ConfigurationBuilder().AddInMemoryCollection(settings.GroupBy(s => s.Key).ToDictionary(s => s.Key, s => (string?)s.Last().Value)).Build().Bind(options);
        return options;
    }
}
