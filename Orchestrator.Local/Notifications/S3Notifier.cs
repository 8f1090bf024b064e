using System.Globalization;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Orchestrator.Local;

/// <summary>
/// Puts objects into a bucket of the emulator and tells a queue, as AWS does by itself: the emulator takes a bucket's notification
/// settings and then sends nothing.
/// </summary>
/// <param name="serviceUrl">The environment's address.</param>
/// <param name="bucket">The bucket, made by <see cref="CreateBucketAsync"/>.</param>
/// <param name="queue">The name of an existing queue.</param>
/// <param name="time">What dates the notifications.</param>
public sealed class S3Notifier(Uri serviceUrl, string bucket, string queue, TimeProvider time) : IDisposable
{
    private readonly EmulatorSqs _sqs = new(serviceUrl);
    private readonly AmazonS3Client _s3 = new(
        new BasicAWSCredentials("local", "local"),
        new AmazonS3Config { ServiceURL = serviceUrl.ToString(), AuthenticationRegion = "us-east-1", ForcePathStyle = true });

    /// <summary>Creates the bucket; one that is there already stays as it is.</summary>
    public Task CreateBucketAsync(CancellationToken ct = default) => _s3.PutBucketAsync(bucket, ct);

    /// <summary>Sends the test event that S3 sends when a bucket's notifications are set up.</summary>
    public Task SendTestEventAsync(CancellationToken ct = default) => SendAsync(ObjectCreated.TestEvent(bucket, time.GetUtcNow(), RequestId()), ct);

    /// <summary>Stores an object and sends <c>ObjectCreated:Put</c> to the queue.</summary>
    public async Task<StoredObject> PutAsync(string key, Stream content, CancellationToken ct = default)
    {
        var size = content.Length - content.Position;
        var answer = await _s3.PutObjectAsync(new PutObjectRequest { BucketName = bucket, Key = key, InputStream = content, AutoCloseStream = false }, ct);
        var now = time.GetUtcNow();
        var sequencer = string.Create(CultureInfo.InvariantCulture, $"00{now.ToUnixTimeSeconds():X8}{RandomNumberGenerator.GetHexString(8)}");
        var created = new ObjectCreated(bucket, key, size, answer.ETag.Trim('"'), answer.VersionId, sequencer, now, RequestId());
        var stored = new StoredObject(key, size, created.ETag, created.VersionId, created.ToJson());
        await NotifyAsync(stored, ct);
        return stored;
    }

    /// <summary>Sends the notification once more, byte by byte the same: AWS delivers at least once.</summary>
    public Task NotifyAsync(StoredObject stored, CancellationToken ct = default) => SendAsync(stored.Notification, ct);

    /// <inheritdoc />
    public void Dispose()
    {
        _s3.Dispose();
        _sqs.Dispose();
    }

    private static string RequestId() => RandomNumberGenerator.GetHexString(16);

    private async Task SendAsync(string body, CancellationToken ct)
    {
        try
        {
            await _sqs.CallAsync("SendMessage", new { QueueUrl = await _sqs.UrlOfAsync(queue, ct), MessageBody = body }, ct);
        }
        catch (InvalidOperationException refused)
        {
            throw new InvalidOperationException($"The notification about {bucket} did not reach the queue {queue}: {refused.Message} Create the queue first.");
        }
    }
}
