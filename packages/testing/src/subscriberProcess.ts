// Many subscribers to `activity` in one process, which can be killed as a whole: forked by subscribers.ts.
import WebSocket from 'ws';

const [url, count] = process.argv.slice(2);
const delays: number[] = [];
let ready = 0;

for (let i = 0; i < Number(count); i++) {
  const socket = new WebSocket(`${url!.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise<void>((resolve, reject) => {
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('error', reject);
    socket.on('message', (text) => {
      const { type, payload } = JSON.parse(String(text));
      if (type === 'connection_ack') {
        const query = 'subscription { activity { id } }';
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } }));
        resolve();
      }
      if (type === 'next')
        delays.push(performance.timeOrigin + performance.now() - Number(payload.data.activity.id.slice(4)));
    });
  });
  ready++;
}
process.send!({ ready });
process.on('message', () => process.send!({ delays: delays.splice(0) }));
