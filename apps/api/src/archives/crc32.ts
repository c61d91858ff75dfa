export { crc32 } from '@trojanscope/core';
