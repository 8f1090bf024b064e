using Amazon;
using Amazon.S3;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Documents.Storage;

internal static class StorageRegistration
{
    /// <summary>The client of S3: credentials by the AWS conventions, path style at an address of its own.</summary>
    public static void AddDocumentBucket(this IServiceCollection services, DocumentsOptions options, BusOptions bus)
    {
        services.AddSingleton<IAmazonS3>(_ => new AmazonS3Client(ConfigOf(options, bus)));
        services.AddSingleton<DocumentBucket>();
    }

    private static AmazonS3Config ConfigOf(DocumentsOptions options, BusOptions bus) =>
        (options.ServiceUrl ?? bus.ServiceUrl) is { } url
            ? new() { ServiceURL = url.ToString(), AuthenticationRegion = bus.Region, ForcePathStyle = true }
            : new() { RegionEndpoint = RegionEndpoint.GetBySystemName(bus.Region) };
}
