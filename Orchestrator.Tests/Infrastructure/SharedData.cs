using Xunit.Abstractions;
using Xunit.Sdk;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>Documents and answers beside the repository, in <c>../shared/data</c>, which a user's clone does not have.</summary>
public static class SharedData
{
    /// <summary>The folder, or null where it is absent.</summary>
    public static string? Root { get; } = Find();

    private static string? Find()
    {
        var folder = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", "data"));
        return Directory.Exists(folder) ? folder : null;
    }
}

/// <summary>A fact on <see cref="SharedData"/>; where the folder is absent the test is not discovered, and <c>./test</c> counts it as left out.</summary>
[XunitTestCaseDiscoverer("Orchestrator.Tests.Infrastructure." + nameof(SharedDataFactDiscoverer), "Orchestrator.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute;

/// <summary>A theory on <see cref="SharedData"/>; where the folder is absent the test is not discovered, and <c>./test</c> counts it as left out.</summary>
[XunitTestCaseDiscoverer("Orchestrator.Tests.Infrastructure." + nameof(SharedDataTheoryDiscoverer), "Orchestrator.Tests")]
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataTheoryAttribute : TheoryAttribute;

/// <summary>Finds facts only where their data is.</summary>
public sealed class SharedDataFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    /// <inheritdoc />
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
        => SharedData.Root is null ? [] : base.Discover(discoveryOptions, testMethod, factAttribute);
}

/// <summary>Finds theories only where their data is.</summary>
public sealed class SharedDataTheoryDiscoverer(IMessageSink sink) : TheoryDiscoverer(sink)
{
    /// <inheritdoc />
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute)
        => SharedData.Root is null ? [] : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}
