// Reads the answers of a subscription from an event stream of graphql-sse.

/** Gives each answer. A stream that ends without saying that it is complete was cut off. */
export async function* events(body) {
  let text = '';
  for await (const chunk of chunks(body)) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      const kind = fieldOf(fields, 'event');
      if (kind === 'complete') return;
      if (kind === 'next') yield JSON.parse(fieldOf(fields, 'data'));
    }
  }
  throw new Error('The server has ended the stream. Run the subscription again.');
}

// Not every browser can iterate over a stream itself.
async function* chunks(body) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

const fieldOf = (fields, name) => fields.find((field) => field.startsWith(`${name}:`))?.slice(name.length + 1).trim();
