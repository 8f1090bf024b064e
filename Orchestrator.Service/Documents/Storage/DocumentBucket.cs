using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Orchestrator.Service.Documents.Acquisition;

namespace Orchestrator.Service.Documents.Storage;

/// <summary>What came of fetching an object that a notification named.</summary>
internal abstract record PulledObject
{
    private PulledObject() { }

    /// <summary>It is on this machine's disk.</summary>
    public sealed record Here(StoredFile File) : PulledObject;

    /// <summary>It was deleted meanwhile.</summary>
    public sealed record Gone : PulledObject;

    /// <summary>Something else stands under its key now, and has a notification of its own.</summary>
    public sealed record Replaced : PulledObject;

    public sealed record TooLarge(long Bytes) : PulledObject;
}

/// <param name="Path">On this machine's disk.</param>
/// <param name="Sha256">In hex.</param>
/// <param name="Bytes">How many.</param>
internal sealed record StoredFile(string Path, string Sha256, long Bytes);

/// <summary>S3: objects that others put, and our own files, which are named by the hash of their content, so that storing one twice changes nothing.</summary>
internal sealed class DocumentBucket(IAmazonS3 s3, DocumentsOptions options)
{
    private string Bucket => options.Bucket!;

    /// <summary>Which object stands under a key now; null if none does.</summary>
    public async Task<ObjectIdentity?> LookAsync(string bucket, string key, CancellationToken cancellation)
    {
        try
        {
            var head = await s3.GetObjectMetadataAsync(bucket, key, cancellation);
            return ObjectIdentity.Of(bucket, key, head.VersionId, head.ETag);
        }
        catch (AmazonS3Exception missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>Fetches the very object that a notification named, never another one under the same key.</summary>
    public async Task<PulledObject> PullAsync(ObjectNotice notice, ObjectIdentity identity, string path, long maxBytes, CancellationToken cancellation)
    {
        var versioned = notice.VersionId is { Length: > 0 } and not "null";
        var request = new GetObjectRequest { BucketName = notice.Bucket, Key = notice.Key };
        if (versioned)
            request.VersionId = notice.VersionId;
        else
            request.EtagToMatch = $"\"{identity.Version}\"";
        try
        {
            using var answer = await s3.GetObjectAsync(request, cancellation);
            if (answer.ContentLength > maxBytes)
                return new PulledObject.TooLarge(answer.ContentLength);
            await using var body = answer.ResponseStream;
            return new PulledObject.Here(await SaveAsync(body, path, cancellation));
        }
        catch (AmazonS3Exception missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            return new PulledObject.Gone();
        }
        catch (AmazonS3Exception other) when (other.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.NotModified)
        {
            return new PulledObject.Replaced();
        }
    }

    /// <summary>Keeps a file under the hash of its content.</summary>
    public Task KeepAsync(StoredFile file, CancellationToken cancellation) =>
        s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = KeyOf(file.Sha256), FilePath = file.Path }, cancellation);

    /// <summary>Fetches a kept file.</summary>
    /// <exception cref="InvalidDataException">Its content is not what its name says: somebody wrote over it.</exception>
    public async Task FetchAsync(string sha256, string path, CancellationToken cancellation)
    {
        using var answer = await s3.GetObjectAsync(new GetObjectRequest { BucketName = Bucket, Key = KeyOf(sha256) }, cancellation);
        await using var body = answer.ResponseStream;
        var file = await SaveAsync(body, path, cancellation);
        if (file.Sha256 != sha256)
            throw new InvalidDataException($"The file {KeyOf(sha256)} in {Bucket} has the hash {file.Sha256}. Restore it from the original; nothing else may write below {options.Acquisition.BlobPrefix}.");
    }

    /// <summary>Writes an output; the same bytes under the same key, however often.</summary>
    public async Task WriteAsync(string key, ReadOnlyMemory<byte> content, string contentType, CancellationToken cancellation)
    {
        using var stream = new MemoryStream(content.ToArray(), writable: false);
        await s3.PutObjectAsync(new PutObjectRequest { BucketName = Bucket, Key = key, InputStream = stream, ContentType = contentType }, cancellation);
    }

    /// <summary>Hashes a file that this process has written.</summary>
    public static async Task<StoredFile> OfAsync(string path, CancellationToken cancellation)
    {
        await using var stream = File.OpenRead(path);
        return new StoredFile(path, Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation)), stream.Length);
    }

    /// <summary>Whether a fault of S3 is worth waiting for: it, or the way to it, or our permission is what fails, not the request.</summary>
    public static bool IsPassing(Exception exception) => exception switch
    {
        AmazonS3Exception s3 => (int)s3.StatusCode >= 500 || s3.StatusCode is 0 or HttpStatusCode.TooManyRequests or HttpStatusCode.Forbidden or HttpStatusCode.RequestTimeout,
        Amazon.Runtime.AmazonClientException or HttpRequestException => true,
        _ => false,
    };

    private string KeyOf(string sha256) => options.Acquisition.BlobPrefix + sha256;

    private static async Task<StoredFile> SaveAsync(Stream body, string path, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(80 * 1024);
        try
        {
            await using var file = File.Create(path);
            int read;
            while ((read = await body.ReadAsync(buffer, cancellation)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
            }
            return new StoredFile(path, Convert.ToHexStringLower(hash.GetHashAndReset()), file.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
