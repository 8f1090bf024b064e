using Xunit.Abstractions;
using Xunit.Sdk;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>A fact of the long run, <c>./test --soak</c>; in any other run it is not discovered.</summary>
[XunitTestCaseDiscoverer("Orchestrator.Tests.Infrastructure." + nameof(SoakFactDiscoverer), "Orchestrator.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class SoakFactAttribute : FactAttribute;

/// <summary>Finds facts only in the long run.</summary>
public sealed class SoakFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    /// <summary>Set by <c>./test --soak</c>.</summary>
    public const string Variable = "SOAK";

    /// <inheritdoc />
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
        => string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)) ? [] : base.Discover(discoveryOptions, testMethod, factAttribute);
}
