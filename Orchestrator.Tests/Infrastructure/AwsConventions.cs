using System.Runtime.CompilerServices;

namespace Orchestrator.Tests.Infrastructure;

/// <summary>
/// What the AWS SDK finds in the environment of the test run, from before the first test until its end: keys, of which the emulator takes any, and no
/// instance role to look for. A test that needs other values puts these back; without keys, each client made in the meantime would wait for an instance's metadata.
/// </summary>
internal static class AwsConventions
{
    [ModuleInitializer]
    internal static void Set()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
    }
}
